# One command each: `make demo` makes a first dataset, `make test` runs all tests.

GO ?= go
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# The GPU backend needs Linux, a C compiler and EGL's headers; GLFW windows (package
# gpu/window, which leaflitter-view alone uses) need X11's as well.
EGL := $(shell command -v gcc >/dev/null && pkg-config --exists egl 2>/dev/null && echo yes)
X11 := $(shell pkg-config --exists xrandr xcursor xinerama xi xxf86vm 2>/dev/null && echo yes)
PACKAGES = gcc pkg-config libegl-dev libegl1 libgl1-mesa-dri glslang-tools spirv-tools \
	xvfb libxrandr-dev libxcursor-dev libxinerama-dev libxi-dev libxxf86vm-dev xdotool imagemagick twm
ifeq ($(LEAFLITTER_NO_GPU),1)
TAGS =
else
TAGS = -tags egl,window
endif

.PHONY: build view demo test test-python test-browser test-slurm test-kubernetes venv tools needs lint fuzz laws bench peers campaign gpubox gpubox-rehearsal parity gallery gallery-check clean

# bin/leaflitter, with the GPU backend where it can be built, bin/leaflitter-cpu, a
# static binary without it that starts on any Linux, and, with X11's headers, the viewer.
build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/leaflitter-cpu ./cmd/leaflitter
ifeq ($(EGL),yes)
	CGO_ENABLED=1 $(GO) build -trimpath -tags egl -o bin/leaflitter ./cmd/leaflitter
else
	cp bin/leaflitter-cpu bin/leaflitter
	@echo "built without the GPU backend: it needs $(wordlist 1,3,$(PACKAGES))"
endif
ifeq ($(EGL)$(X11),yesyes)
	$(MAKE) --no-print-directory view
endif

# bin/leaflitter-view, which leaflitter view runs.
view:
	@[ "$(EGL)$(X11)" = yesyes ] || { echo "the viewer cannot be built: install $(wordlist 1,3,$(PACKAGES)) $(wordlist 9,13,$(PACKAGES))" >&2; exit 1; }
	CGO_ENABLED=1 $(GO) build -trimpath -tags egl,window -o bin/leaflitter-view ./cmd/leaflitter-view

# Sixteen Dead Leaves++ images in demo/images and a contact sheet of them.
demo: build
	bin/leaflitter generate -o demo/images --preset dead-leaves-pp --count 16 --seed 1 --overwrite
	bin/leaflitter sheet demo/images -o demo/sheet.png
	@echo "look at demo/sheet.png"

test: needs lint test-python
	$(GO) test -timeout 30m $(TAGS) ./...

# The Python package, its types and its wheel; every format and stream, read by those who
# will read them; the recipes of docs/pytorch.md; training, evaluation and study. One thread
# for PyTorch: its threads would wait for each other and for the generator.
test-python: needs build venv
	cd python && OMP_NUM_THREADS=1 ../out/venv/bin/python -m pytest -q -rs -W ignore -p no:cacheprovider

# The explorer of leaflitter serve in a real browser, on loopback. The packages are those of
# the lock file, which names no registry: npm's own setting chooses it.
test-browser: build out/browser/installed
	@[ -x /usr/bin/chromium ] || { echo "the explorer is tested in a browser: install chromium" >&2; exit 1; }
	LEAFLITTER=bin/leaflitter-cpu node --test --test-force-exit --test-timeout=3000000 --test-concurrency=1 serve/browser/*.test.mjs

out/browser/installed: serve/browser/package.json serve/browser/package-lock.json
	@command -v npm >/dev/null || { echo "the packages of the browser tests come by npm: install nodejs and npm" >&2; exit 1; }
	mkdir -p out/browser && cp serve/browser/package.json serve/browser/package-lock.json out/browser/
	npm ci --silent --ignore-scripts --no-audit --no-fund --prefix out/browser
	touch out/browser/installed

# Programs that tests talk to: an S3-compatible server, and what reads datasets in Python.
VERSITYGW = github.com/versity/versitygw/cmd/versitygw@v1.8.0
tools: out/tools/versitygw
out/tools/versitygw:
	GOBIN=$(CURDIR)/out/tools $(GO) install $(VERSITYGW)

# Cython first: the sdist of basicsr builds with what is there.
venv: out/venv/installed
out/venv/installed: python/requirements-test.txt
	/usr/bin/python3 -m venv --clear --system-site-packages out/venv
	out/venv/bin/pip install -q --disable-pip-version-check --no-deps "$$(grep '^cython==' $<)"
	out/venv/bin/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -r $<
	cp python/requirements-test.txt out/venv/installed

# The array job of deploy/slurm on a real Slurm of three nodes, one of which loses power.
# LEAFLITTER: another program to test with.
test-slurm: build
	@if command -v shellcheck >/dev/null; then shellcheck -x deploy/slurm/*.sh deploy/slurm/*.sbatch; \
	elif [ -n "$$LEAFLITTER_CI" ]; then echo "no shellcheck: install it" >&2; exit 1; \
	else echo "no shellcheck: scripts not linted"; fi
	deploy/slurm/test.sh

# The manifests of deploy/kubernetes, decoded as Kubernetes does (a module of its own), and
# their pods played by the binary that is in their image.
test-kubernetes: build
	cd deploy/kubernetes/check && $(GO) vet ./... && $(GO) run $(STATICCHECK) ./... && \
	LEAFLITTER="$${LEAFLITTER:-$(CURDIR)/bin/leaflitter-cpu}" $(GO) test -count=1 ./...

# All tests or none: what is missing is named, and nothing is left out unasked.
PYTHON_PACKAGES = python3-venv python3-numpy python3-torch python3-torchvision python3-h5py python3-opencv python3-scipy \
	python3-yaml python3-lmdb python3-matplotlib python3-pil
needs: tools
	@/usr/bin/python3 -c 'import numpy, torch, torchvision, h5py, cv2, scipy, yaml, lmdb, matplotlib, PIL, venv, ensurepip' || \
	{ echo "/usr/bin/python3 lacks what reads the datasets in tests: install $(PYTHON_PACKAGES)" >&2; exit 1; }
ifneq ($(LEAFLITTER_NO_GPU),1)
ifneq ($(EGL)$(X11),yesyes)
	@echo "the GPU tests cannot be built: install $(PACKAGES), or set LEAFLITTER_NO_GPU=1 to leave them out" >&2; exit 1
endif
	@for tool in glslangValidator spirv-dis Xvfb xdotool import twm; do command -v $$tool >/dev/null || \
	{ echo "$$tool is missing: install $(PACKAGES), or set LEAFLITTER_NO_GPU=1 to leave the GPU tests out" >&2; exit 1; }; done
else
	@echo "LEAFLITTER_NO_GPU=1: the GPU backend is neither built nor tested"
endif

lint: needs
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet $(TAGS) ./...
	$(GO) run $(STATICCHECK) $(TAGS) ./...
ifneq ($(LEAFLITTER_NO_GPU),1)
	CGO_ENABLED=0 $(GO) vet ./gpu ./cmd/leaflitter ./cmd/leaflitter-view
	$(GO) run ./shaders/lint
endif

FUZZTIME ?= 20s
fuzz:
	$(GO) test ./scene -run '^$$' -fuzz '^FuzzParse$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 5x
	$(GO) test ./palette -run '^$$' -fuzz '^FuzzDecode$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 5x
	$(GO) test ./palette -run '^$$' -fuzz '^FuzzPhoto$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 5x
	$(GO) test ./serve -run '^$$' -fuzz '^FuzzParse$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 5x

# Every law at full effort: minutes.
laws: build
	bin/leaflitter laws

# Writes bench/results/bench.md and bench.json: a quarter of an hour, on an otherwise
# idle machine.
bench: build
	$(GO) run $(TAGS) ./bench -binary bin/leaflitter -o bench/results -commit "$$(git rev-parse --short HEAD)"

# leaflitter against the algorithms that people would otherwise run, which needs NumPy:
# writes bench/results/peers.md and peers.json.
peers:
	$(GO) run $(TAGS) ./bench/peers -o bench/results -commit "$$(git rev-parse --short HEAD)"

# Draws the pictures of docs/gallery.md and docs/model.md anew. make test fails when they
# are out of date; gallery-check is that part of it alone.
gallery:
	$(GO) run ./docs/pictures

gallery-check:
	$(GO) test -count=1 ./docs/pictures

# What is too long for every edit; CI runs it too. The goldens must hold when
# the compiler may fuse multiply and add (GOAMD64=v3; arm64).
campaign: fuzz laws tools venv
	@if grep -qw fma /proc/cpuinfo; then echo "goldens with GOAMD64=v3"; GOAMD64=v3 $(GO) test ./exact ./scene ./bank ./palette ./cpu ./dataset ./degrade ./hdf5; \
	else echo "this processor has no FMA: goldens with GOAMD64=v3 not run"; fi
	@if command -v qemu-aarch64-static >/dev/null; then echo "goldens on emulated arm64"; \
	GOARCH=arm64 CGO_ENABLED=0 $(GO) test -exec qemu-aarch64-static ./exact ./scene && \
	GOARCH=arm64 CGO_ENABLED=0 $(GO) test -exec qemu-aarch64-static -run Golden ./bank ./palette ./cpu ./dataset ./degrade ./hdf5; \
	elif [ -n "$$LEAFLITTER_CI" ]; then echo "no qemu-aarch64-static: install qemu-user-static" >&2; exit 1; \
	else echo "no qemu-aarch64-static (package qemu-user-static): goldens on arm64 not run"; fi
	@echo "benchmarks still run"; $(GO) run $(TAGS) ./bench -repeats 1 -only encoders,files >/dev/null
	@echo "without cgo"; CGO_ENABLED=0 $(GO) test ./cpu ./gpu ./cmd/leaflitter
	$(GO) test -race -timeout 30m ./cpu ./palette ./stats
	$(GO) test -race -timeout 30m -skip Kill ./dataset ./serve ./stream ./store
	@echo "a hundred kills, and a minute of sixty-four clients"
	LEAFLITTER_CAMPAIGN=1 $(GO) test -timeout 30m -run 'KillShards|ServeSoak' -v ./cmd/leaflitter
	@echo "fits to images of known configurations"
	LEAFLITTER_CAMPAIGN=1 $(GO) test -timeout 60m -run Recovery -v ./fit
	@echo "published networks on McMaster, where they are beside this directory"
	cd python && LEAFLITTER_CAMPAIGN=1 ../out/venv/bin/python -m pytest -q -rs -W ignore -p no:cacheprovider tests/test_published.py
ifneq ($(LEAFLITTER_NO_GPU),1)
	$(MAKE) --no-print-directory parity
	LEAFLITTER_CAMPAIGN=1 $(GO) test -tags egl -timeout 30m -run Parity4096 -v ./gpu
	$(GO) test -race -tags egl -timeout 30m -run 'TwoDevices|LostContext|Batches|InBands' ./gpu
endif

# Parity, stage by stage, on two quite different compilers of Mesa's: llvmpipe, and zink
# over lavapipe, which goes through SPIR-V and Vulkan. Every preset, random
# configurations, and several layers with coarse and fine bins.
LAVAPIPE = $(firstword $(wildcard /usr/share/vulkan/icd.d/lvp_icd*.json))
ON_llvmpipe = env
ON_zink = env XDG_RUNTIME_DIR=$(CURDIR)/out/run VK_ICD_FILENAMES=$(LAVAPIPE) LIBGL_ALWAYS_SOFTWARE=1 GALLIUM_DRIVER=zink
parity: build parity-llvmpipe parity-zink
parity-%: build
	@[ $* != zink ] || [ -n "$(LAVAPIPE)" ] || { echo "there is no lavapipe to run zink on: install mesa-vulkan-drivers" >&2; exit 1; }
	@mkdir -p out/run && chmod 700 out/run && echo "parity on $*"
	$(ON_$*) bin/leaflitter devices --probe
	$(ON_$*) bin/leaflitter parity --no-program-cache --device $* --quiet --all-presets --size 256 --count 1
	$(ON_$*) bin/leaflitter parity --no-program-cache --device $* --quiet --random 64 --count 1
	$(ON_$*) bin/leaflitter parity --no-program-cache --device $* --quiet --preset flat --size 256 --start 5 --count 2 --set leaves.r_min=2 --set leaves.r_max=20 \
		--set 'layers=[{name: front, cover: 0.3, blur: 0}, {name: back, cover: 1, blur: 0}]'
	$(ON_$*) bin/leaflitter parity --no-program-cache --device $* --quiet --size 300 --count 1 --set leaves.r_min=1
	$(ON_$*) bin/leaflitter parity --no-program-cache --device $* --quiet --size 200 --count 1 --fma-products

# What bench/gpubox.sh carries to a GPU machine: out/gpubox.tar.gz, with photographs of PHOTOGRAPHS=DIR
# to train on and of IMAGES=DIR to evaluate on. bench/pack.sh prints what is in it.
GPUBOX_MOST_MB = 60
gpubox: build
	@[ "$(EGL)" = yes ] || { echo "the GPU backend cannot be built: install $(wordlist 1,3,$(PACKAGES))" >&2; exit 1; }
	rm -rf out/gpubox out/gpubox.tar.gz && mkdir -p out/gpubox
	CGO_ENABLED=1 $(GO) build -trimpath -tags egl -ldflags '-s -w' -o out/gpubox/ ./cmd/leaflitter ./bench/gpubox
	CGO_ENABLED=1 $(GO) test -c -trimpath -tags egl -ldflags '-s -w' -o out/gpubox/gpu.test ./gpu
	@git describe --always --dirty > out/gpubox/commit 2>/dev/null || echo unknown > out/gpubox/commit
	LIMIT=$(GPUBOX_MOST_MB)000000 bench/pack.sh out/gpubox "$(PHOTOGRAPHS)" "$(IMAGES)"

# Both parts of bench/gpubox.sh from the archive alone, in a bare Debian without network, Go,
# compilers or a GPU. Needs root and debootstrap.
gpubox-rehearsal: gpubox
	bench/rehearse.sh

clean:
	rm -rf bin demo out

# One command each: `make demo` makes a first dataset, `make test` runs all tests.

GO ?= go
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: build demo test lint fuzz laws bench campaign clean

# A static binary: it starts on any Linux, and has no GPU backend yet.
build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/leaflitter ./cmd/leaflitter

# Sixteen Dead Leaves++ images in demo/images and a contact sheet of them.
demo: build
	bin/leaflitter generate -o demo/images --preset dead-leaves-pp --count 16 --seed 1 --overwrite
	bin/leaflitter sheet demo/images -o demo/sheet.png
	@echo "look at demo/sheet.png"

test: lint
	$(GO) test ./...

lint:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

FUZZTIME ?= 20s
fuzz:
	$(GO) test ./scene -run '^$$' -fuzz '^FuzzParse$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 5x
	$(GO) test ./palette -run '^$$' -fuzz '^FuzzDecode$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 5x
	$(GO) test ./palette -run '^$$' -fuzz '^FuzzPhoto$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 5x

# Every law at full effort: minutes.
laws: build
	bin/leaflitter laws

# Writes bench/results/cpu.md and cpu.json: minutes, on an otherwise idle machine.
bench: build
	$(GO) run ./bench -binary bin/leaflitter -o bench/results -commit "$$(git rev-parse --short HEAD)"

# What is too long for every edit; CI runs it too. The goldens must hold when
# the compiler may fuse multiply and add (GOAMD64=v3; arm64).
campaign: fuzz laws
	@if grep -qw fma /proc/cpuinfo; then echo "goldens with GOAMD64=v3"; GOAMD64=v3 $(GO) test ./exact ./scene ./bank ./palette ./cpu ./dataset; \
	else echo "this processor has no FMA: goldens with GOAMD64=v3 not run"; fi
	@if command -v qemu-aarch64-static >/dev/null; then echo "goldens on emulated arm64"; \
	GOARCH=arm64 CGO_ENABLED=0 $(GO) test -exec qemu-aarch64-static -run Golden ./exact ./scene ./bank ./palette ./cpu ./dataset; \
	else echo "no qemu-aarch64-static (package qemu-user-static): goldens on arm64 not run"; fi
	$(GO) test -race -timeout 30m ./cpu ./palette
	$(GO) test -race -timeout 30m -skip Kill ./dataset

clean:
	rm -rf bin demo

package check

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	batch "k8s.io/api/batch/v1"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func decode(t *testing.T, name string) *batch.Job {
	t.Helper()
	job, err := Decode([]byte(read(t, name)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return job
}

func TestManifests(t *testing.T) {
	for _, name := range []string{"job.yaml", "job-gpu.yaml"} {
		for _, p := range Generate(decode(t, name)) {
			t.Errorf("%s: %s", name, p)
		}
	}
	job, verify := decode(t, "job.yaml"), decode(t, "verify.yaml")
	for _, p := range Pod(&verify.Spec.Template.Spec) {
		t.Errorf("verify.yaml: %s", p)
	}
	args := verify.Spec.Template.Spec.Containers[0].Args
	if want := Flag(job.Spec.Template.Spec.Containers[0].Args, "output"); len(args) < 2 || args[0] != "verify" || args[1] != want {
		t.Errorf("verify.yaml runs %q, not verify %s", args, want)
	}
}

// The two jobs make the same data set.
func TestSameDataSet(t *testing.T) {
	cpu, gpu := decode(t, "job.yaml"), decode(t, "job-gpu.yaml")
	for _, flag := range []string{"output", "format", "shards", "shard-size", "seed", "preset"} {
		a, b := Flag(cpu.Spec.Template.Spec.Containers[0].Args, flag), Flag(gpu.Spec.Template.Spec.Containers[0].Args, flag)
		if a != b || a == "" {
			t.Errorf("--%s is %q in job.yaml and %q in job-gpu.yaml", flag, a, b)
		}
	}
}

// The image that a manifest names is a target of the Containerfile and runs as the same user.
func TestContainerfile(t *testing.T) {
	file := read(t, "Containerfile")
	for _, name := range []string{"job.yaml", "job-gpu.yaml", "verify.yaml"} {
		spec := decode(t, name).Spec.Template.Spec
		target := strings.TrimPrefix(spec.Containers[0].Image, "leaflitter:")
		_, stage, ok := strings.Cut(file, " AS "+target+"\n")
		stage, _, _ = strings.Cut(stage, "\nFROM ")
		s := spec.SecurityContext
		if user := fmt.Sprintf("USER %d:%d\n", *s.RunAsUser, *s.RunAsGroup); !ok || !strings.Contains(stage, user) {
			t.Errorf("%s: Containerfile has no stage %s with %s", name, target, user)
		}
	}
}

// Every rule is one that a wrong manifest breaks.
func TestMutations(t *testing.T) {
	for _, m := range []struct{ file, from, to, want string }{
		{"job.yaml", "completionMode:", "completionmode:", "unknown field"},
		{"job.yaml", "backoffLimitPerIndex:", "backoffLimitPerIndices:", "unknown field"},
		{"job.yaml", "envFrom:", "envfrom:", "unknown field"},
		{"job.yaml", "readOnlyRootFilesystem:", "readOnlyRootFileSystem:", "unknown field"},
		{"job.yaml", "sizeLimit:", "size:", "unknown field"},
		{"job.yaml", "parallelism: 12", "completions: 12", "already set"},
		{"job.yaml", "completions: 12", "completions: twelve", "cannot unmarshal"},
		{"job.yaml", "memory: 2Gi", "memory: 2 GiB", "quantities must match"},
		{"job.yaml", "kind: Job", "kind: CronJob", "no batch/v1 Job"},
		{"job.yaml", "completionMode: Indexed", "completionMode: NonIndexed", "must be Indexed"},
		{"job.yaml", "completions: 12", "completions: 10", "JOB_COMPLETIONS must be"},
		{"job.yaml", `value: "12"`, `value: "11"`, "JOB_COMPLETIONS must be"},
		{"job.yaml", "name: JOB_COMPLETIONS", "name: JOB_COMPLETION_INDEX", "for Kubernetes to set"},
		{"job.yaml", "parallelism: 12", "parallelism: 13", "parallelism must"},
		{"job.yaml", "--shards=960", "--shards=961", "multiple of completions"},
		{"job.yaml", "--task=auto", "--task=0/12", "--task must"},
		{"job.yaml", "--threads=4", "--threads=8", "--threads must"},
		{"job.yaml", "--backend=cpu", "--backend=gpu", "--backend must"},
		{"job.yaml", "restartPolicy: Never", "restartPolicy: OnFailure", "must be Never"},
		{"job.yaml", "backoffLimitPerIndex: 10", "backoffLimit: 6", "tries of its own"},
		{"job.yaml", "DisruptionTarget", "Ready", "DisruptionTarget"},
		{"job.yaml", "values: [2]", "values: [1, 2]", "exit code 2"},
		{"job.yaml", "containerName: leaflitter", "containerName: main", "failure policy names"},
		{"job.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "not root"},
		{"job.yaml", "runAsUser: 65532", "runAsUser: 0", "not root"},
		{"job.yaml", "drop: [ALL]", "drop: [NET_RAW]", "no capabilities"},
		{"job.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "read-only root"},
		{"job.yaml", "limits: {memory: 2Gi", "limits: {memory: 3Gi", "memory must"},
		{"job.yaml", "emptyDir: {sizeLimit: 4Gi}", "emptyDir: {}", "/tmp must"},
		{"job.yaml", "mountPath: /tmp", "mountPath: /scratch", "/tmp must"},
		{"job.yaml", "{name: tmp, mount", "{name: temp, mount", "without a volume"},
		{"job.yaml", "secretRef:", "configMapRef:", "from a secret"},
		{"job.yaml", "name: JOB_COMPLETIONS", "name: AWS_SECRET_ACCESS_KEY", "belongs in the secret"},
		{"job-gpu.yaml", `, nvidia.com/gpu: "1"`, "", "--backend must"},
		{"job-gpu.yaml", "graphics,", "", "no EGL"},
	} {
		text := read(t, m.file)
		if n := len(regexp.MustCompile(regexp.QuoteMeta(m.from)).FindAllString(text, -1)); n == 0 {
			t.Errorf("%s has no %q to mutate", m.file, m.from)
		}
		var got string
		if job, err := Decode([]byte(strings.ReplaceAll(text, m.from, m.to))); err != nil {
			got = err.Error()
		} else {
			got = strings.Join(Generate(job), "; ")
		}
		if !strings.Contains(got, m.want) {
			t.Errorf("%s with %q for %q: %q, which says nothing of %q", m.file, m.to, m.from, got, m.want)
		}
	}
}

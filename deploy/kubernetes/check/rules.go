// Package check holds what must be true of the manifests beside it. It is a module of its
// own, so that leaflitter itself does not depend on Kubernetes.
package check

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// Decode reads one Job and refuses a field that Kubernetes does not have, as its API
// does. (yaml.UnmarshalStrict alone would take completionmode for completionMode.)
func Decode(text []byte) (*batch.Job, error) {
	job := new(batch.Job)
	asJSON, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return nil, err
	}
	strict, err := json.UnmarshalStrict(asJSON, job)
	if err = errors.Join(append(strict, err)...); err != nil {
		return nil, err
	}
	if job.APIVersion != "batch/v1" || job.Kind != "Job" {
		return nil, fmt.Errorf("%s %s is no batch/v1 Job", job.APIVersion, job.Kind)
	}
	return job, nil
}

// problems collects what is wrong.
type problems []string

func (p *problems) unless(ok bool, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Sprintf(format, args...))
	}
}

// is reports whether an optional field is there and has the value.
func is[T comparable](field *T, value T) bool { return field != nil && *field == value }

// Flag returns the value of --name=value.
func Flag(args []string, name string) string {
	for _, a := range args {
		if value, ok := strings.CutPrefix(a, "--"+name+"="); ok {
			return value
		}
	}
	return ""
}

// Value returns a variable's value as the manifest gives it.
func Value(c *core.Container, name string) string {
	for _, v := range c.Env {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// Pod says what is wrong with the pod of a job: whether it runs as anyone, anywhere, with
// no more rights and no less room than it needs.
func Pod(spec *core.PodSpec) (p problems) {
	if len(spec.Containers) != 1 {
		return problems{"there must be one container"}
	}
	c := &spec.Containers[0]
	p.unless(spec.RestartPolicy == core.RestartPolicyNever, "restartPolicy must be Never: the failure policies need it")
	p.unless(is(spec.AutomountServiceAccountToken, false), "the pod needs no service account token")
	s := spec.SecurityContext
	p.unless(s != nil && is(s.RunAsNonRoot, true) && s.RunAsUser != nil && *s.RunAsUser > 0 && is(s.FSGroup, *s.RunAsUser),
		"the pod must run as a user that is not root, with volumes of its group")
	p.unless(s != nil && s.SeccompProfile != nil && s.SeccompProfile.Type == core.SeccompProfileTypeRuntimeDefault, "seccompProfile must be RuntimeDefault")
	k := c.SecurityContext
	p.unless(k != nil && is(k.AllowPrivilegeEscalation, false) && is(k.ReadOnlyRootFilesystem, true) && k.Privileged == nil &&
		k.Capabilities != nil && slices.Equal(k.Capabilities.Drop, []core.Capability{"ALL"}) && k.Capabilities.Add == nil,
		"the container must have a read-only root, no capabilities and no way to more rights")

	p.unless(c.Resources.Requests.Cpu().Value() > 0, "cpu must be requested")
	p.unless(!c.Resources.Limits.Memory().IsZero() && c.Resources.Limits.Memory().Equal(*c.Resources.Requests.Memory()),
		"memory must be limited to what is requested: more than was requested may be gone when it is needed")
	p.unless(c.Resources.Limits.Cpu().IsZero(), "a cpu limit only throttles")

	mounted := map[string]string{}
	for _, m := range c.VolumeMounts {
		mounted[m.Name] = m.MountPath
	}
	temporary := false
	for _, v := range spec.Volumes {
		p.unless(mounted[v.Name] != "", "volume %s is not mounted", v.Name)
		temporary = temporary || mounted[v.Name] == "/tmp" && v.EmptyDir != nil && v.EmptyDir.SizeLimit != nil
		delete(mounted, v.Name)
	}
	p.unless(len(mounted) == 0, "mounts without a volume: %v", mounted)
	p.unless(temporary, "/tmp must be an emptyDir with a sizeLimit: nothing else can be written")

	p.unless(len(c.EnvFrom) == 1 && c.EnvFrom[0].SecretRef != nil && !is(c.EnvFrom[0].SecretRef.Optional, true), "the store's credentials must come from a secret")
	for _, v := range c.Env {
		p.unless(!strings.HasPrefix(v.Name, "AWS_"), "%s belongs in the secret", v.Name)
	}
	p.unless(c.Command == nil, "the image has an entry point: no command")
	return p
}

// Generate says what is wrong with a job that generates.
func Generate(job *batch.Job) problems {
	spec := &job.Spec
	p := Pod(&spec.Template.Spec)
	if len(spec.Template.Spec.Containers) != 1 || spec.Completions == nil || spec.Parallelism == nil {
		return append(p, "completions, parallelism and a container are needed")
	}
	c := &spec.Template.Spec.Containers[0]
	n := int(*spec.Completions)
	p.unless(is(spec.CompletionMode, batch.IndexedCompletion), "completionMode must be Indexed: pods need a JOB_COMPLETION_INDEX")
	p.unless(*spec.Parallelism >= 1 && int(*spec.Parallelism) <= n, "parallelism must be 1 to %d", n)
	p.unless(Value(c, "JOB_COMPLETIONS") == strconv.Itoa(n), "JOB_COMPLETIONS must be completions, %d: else shards are left out or made twice", n)
	p.unless(Value(c, "JOB_COMPLETION_INDEX") == "", "JOB_COMPLETION_INDEX is for Kubernetes to set")

	p.unless(len(c.Args) > 0 && c.Args[0] == "generate", "the pod must generate")
	p.unless(Flag(c.Args, "task") == "auto", "--task must be auto")
	shards, err := strconv.Atoi(Flag(c.Args, "shards"))
	p.unless(err == nil && shards > 0 && shards%n == 0, "--shards must be a multiple of completions, %d: else some pods wait for others", n)
	p.unless(Flag(c.Args, "threads") == strconv.FormatInt(c.Resources.Requests.Cpu().Value(), 10), "--threads must be the cpus requested")
	p.unless(Flag(c.Args, "seed") != "", "--seed must be given")

	p.unless(spec.BackoffLimit == nil && spec.BackoffLimitPerIndex != nil && *spec.BackoffLimitPerIndex >= 3, "each index needs tries of its own")
	p.unless(spec.MaxFailedIndexes != nil && int(*spec.MaxFailedIndexes) <= n, "maxFailedIndexes must be at most %d", n)
	ignored, wrong := false, false
	if spec.PodFailurePolicy != nil {
		for _, r := range spec.PodFailurePolicy.Rules {
			for _, on := range r.OnPodConditions {
				ignored = ignored || r.Action == batch.PodFailurePolicyActionIgnore && on.Type == core.DisruptionTarget && on.Status == core.ConditionTrue
			}
			if on := r.OnExitCodes; on != nil {
				p.unless(is(on.ContainerName, c.Name), "the failure policy names container %v", on.ContainerName)
				wrong = r.Action == batch.PodFailurePolicyActionFailJob && on.Operator == batch.PodFailurePolicyOnExitCodesOpIn && slices.Equal(on.Values, []int32{2})
			}
		}
	}
	p.unless(ignored, "preemption (DisruptionTarget) must count as no try")
	p.unless(wrong, "exit code 2, bad usage, and no other must end the job")

	gpus := c.Resources.Limits["nvidia.com/gpu"]
	backend := Flag(c.Args, "backend")
	p.unless(backend == "cpu" && gpus.IsZero() || backend == "gpu" && gpus.Value() == 1, "--backend must be gpu with one GPU, or cpu with none")
	p.unless(gpus.IsZero() || strings.Contains(Value(c, "NVIDIA_DRIVER_CAPABILITIES"), "graphics"), "without graphics in NVIDIA_DRIVER_CAPABILITIES there is no EGL")
	return p
}

// Package report turns a directory of results of gpubox (see package steps) into what a
// person reads in a minute. It reads nothing but that directory.
package report

import "leaflitter/gpu"

// Names of steps that the report looks for.
const (
	Parity = "parity-" // then a preset, "default" or "random-N"
	FMA    = "-as-fma" // the same again, with products as fma(a, b, -0.0)
	Rows   = "row-"    // then what is measured
)

// AboutFile says what run the directory holds.
const AboutFile = "run.json"

// About is what run it is.
type About struct {
	Part   string `json:"part"` // prove or measure
	Commit string `json:"commit"`
	Date   string `json:"date"`
}

// Machine is the machine in words.
type Machine struct {
	GPUs      []GPU   `json:"gpus"`
	NoGPU     string  `json:"no_gpu,omitempty"` // why there is none
	Processor string  `json:"processor"`
	Cores     int     `json:"cores"`
	MemoryGB  float64 `json:"memory_gb"`
	System    string  `json:"system"`
	Kernel    string  `json:"kernel"`
	Libc      string  `json:"libc"`
}

// GPU is what nvidia-smi says of one.
type GPU struct {
	Name    string `json:"name"`
	Memory  string `json:"memory"`
	Driver  string `json:"driver"`
	LinkNow string `json:"pcie_generation_now"` // when idle it may be lower
	Link    string `json:"pcie_generation"`
	Lanes   string `json:"pcie_lanes"`
	Clock   string `json:"clock_max"`
	Power   string `json:"power_limit"`
}

// Driver is where the file was by which EGL finds the driver.
type Driver struct {
	Found string `json:"found"`
}

// Planned is the first line on programs.
type Planned struct {
	Expected int `json:"expected"` // programs
}

// Program is what became of one program. Each is a line of its own, after one that says that
// it was begun.
type Program struct {
	Name    string  `json:"name"` // SET/STAGE
	Ms      float64 `json:"ms"`
	Bytes   int     `json:"bytes"`
	Log     string  `json:"log,omitempty"`
	Problem string  `json:"problem,omitempty"`
	Same    string  `json:"same,omitempty"`  // the program that has the same source, and was compiled for both
	Begun   bool    `json:"begun,omitempty"` // it is under way
}

// Row is the throughput of one configuration.
type Row struct {
	Preset  string             `json:"preset"`
	Size    int                `json:"size"`
	Batch   int                `json:"batch"`
	Repeats int                `json:"repeats"`
	First   float64            `json:"first_batch_s"`              // programs, which earlier steps may have put into the driver's cache, tables, one batch
	GPU     []float64          `json:"gpu_images_per_s"`           // placing to host memory, batches in flight; one a repeat, sorted
	Single  []float64          `json:"gpu_one_batch_images_per_s"` // one batch after another, placed before
	CPU     []float64          `json:"cpu_images_per_s"`           // all cores, placed before
	Busy    []float64          `json:"gpu_busy"`                   // share of the time with batches in flight
	Steps   []string           `json:"steps"`                      // in order
	Profile map[string]float64 `json:"profile_us_per_image"`
	Work    *gpu.Work          `json:"work,omitempty"`
}

// Peer is one smallest radius. Times are ms an image, sorted; those of a batch are of one
// image of it.
type Peer struct {
	RMin       float64   `json:"r_min"`
	Leaves     int       `json:"leaves"` // up to the last one that shows
	Cover      []float64 `json:"tiled_cover_ms"`
	CoverBatch []float64 `json:"tiled_cover_batch_ms"`
	Brute      []float64 `json:"brute_force_shader_ms"`
	BruteBatch []float64 `json:"brute_force_shader_batch_ms"`
	CPU        []float64 `json:"cpu_backend_one_core_ms"` // placing and colours too
	Equal      bool      `json:"ids_equal"`               // everybody's to the CPU backend's
	Error      string    `json:"error,omitempty"`
}

// Peers is what a run of the peers measured.
type Peers struct {
	Device string `json:"device"`
	Go     string `json:"go"`
	Cores  int    `json:"cores"`
	Size   int    `json:"size"`
	Batch  int    `json:"batch"`
	Rows   []Peer `json:"rows"`
}

// Probed is a device as gpubox probe and leaflitter devices --probe --json tell of it.
type Probed struct {
	Index   int             `json:"index"`
	Probe   []gpu.Primitive `json:"probe,omitempty"`
	Problem string          `json:"probe_problem,omitempty"`
}

// compared is a configuration that both backends drew, as leaflitter parity prints it.
type compared struct {
	Config string `json:"config"`
	Images []struct {
		Index uint64 `json:"index"`
		Equal bool   `json:"equal"`
		First string `json:"first"`
		Words any    `json:"words"`
	} `json:"images"`
}

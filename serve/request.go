package serve

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// kind is a kind of thing that is served.
type kind uint8

const (
	kindImage kind = iota
	kindID
	kindLayer
	kindDepth
	kindEdge
	kindFacts
	kindShard
	kindConfig
	kindCommand
)

// endings are what the paths of an image's files end with, by kind.
var endings = [...]string{kindImage: "png", kindID: "id.png", kindLayer: "layer.png", kindDepth: "depth.png", kindEdge: "edge.png", kindFacts: "json"}

// Wish is what a query asks for; what it leaves out is as the server was started.
type Wish struct {
	Preset        string   // name; empty: not said
	Set           []string // assignments, as --set takes them
	Seeded        bool     // a seed was given
	Seed          uint64
	Width, Height int // px; 0: not said
}

// resource is what a request asks for.
type resource struct {
	kind   kind
	number uint64 // of the shard, or index of the image
	wish   Wish
}

// path is the one path of the resource, without its query.
func (r *resource) path() string {
	switch r.kind {
	case kindShard:
		return fmt.Sprintf("/shards/%06d.tar", r.number)
	case kindConfig:
		return "/config.yaml"
	case kindCommand:
		return "/command"
	}
	return fmt.Sprintf("/images/%d.%s", r.number, endings[r.kind])
}

// problem is a request that cannot be answered: a status and a sentence.
type problem struct {
	status int
	text   string
}

func (p *problem) Error() string { return p.text }

func refuse(status int, format string, args ...any) error {
	return &problem{status, fmt.Sprintf(format, args...)}
}

// Limits of a query; a configuration that differs from its preset in every field has
// about 3000 characters.
const (
	maxQuery = 8 << 10
	maxSets  = 256
)

var (
	shardName = regexp.MustCompile(`^/shards/([0-9]{6,19})\.tar$`)
	imageName = regexp.MustCompile(`^/images/([0-9]{1,19})\.(png|json|id\.png|layer\.png|depth\.png|edge\.png)$`)
	sizeText  = regexp.MustCompile(`^([0-9]{1,5})(?:x([0-9]{1,5}))?$`)
)

// parse reads the path and the query of a request. maxSide is the largest side of an
// image in px, shards how many shards there are. Errors are problems.
func parse(path, query string, maxSide int, shards uint64) (resource, error) {
	var r resource
	if len(query) > maxQuery {
		return r, refuse(414, "the query has %d characters: give at most %d", len(query), maxQuery)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return r, refuse(400, "the query cannot be read: give ?size=256 or ?size=640x480")
	}
	if err := r.parsePath(path, values, shards); err != nil {
		return r, err
	}
	w := &r.wish
	for name, list := range values {
		if name != "set" && len(list) != 1 {
			return r, refuse(400, "the parameter %.40q is there twice: give it once", name)
		}
		switch name {
		case "size":
			if w.Width, w.Height, err = parseSize(list[0], maxSide); err != nil {
				return r, err
			}
		case "preset":
			if w.Preset = list[0]; w.Preset == "" {
				return r, refuse(400, "the preset has no name: give ?preset=dead-leaves or the like, or leave it out")
			}
		case "set":
			if w.Set = list; len(list) > maxSets {
				return r, refuse(400, "%d fields are set: give at most %d", len(list), maxSets)
			}
		case "seed":
			w.Seeded = true
			if w.Seed, err = strconv.ParseUint(list[0], 10, 64); err != nil {
				return r, refuse(400, "seed %.40q is no seed: give a whole number from 0 to %d", list[0], uint64(1<<64-1))
			}
		default:
			return r, refuse(400, "the parameter %.40q is not known: give size, preset, set or seed, such as ?size=256&set=leaves.r_min=2", name)
		}
	}
	return r, nil
}

// parsePath reads the path, and the index that /command takes from the query.
func (r *resource) parsePath(path string, values url.Values, shards uint64) error {
	number := "0"
	switch match := imageName.FindStringSubmatch(path); {
	case match != nil:
		number = match[1]
		for k, ending := range endings {
			if match[2] == ending {
				r.kind = kind(k)
			}
		}
	case path == "/config.yaml":
		r.kind = kindConfig
	case path == "/command":
		r.kind = kindCommand
		if values.Has("index") {
			number = values.Get("index")
			if _, err := strconv.ParseUint(number, 10, 64); err != nil || len(values["index"]) > 1 {
				return refuse(400, "index %.40q is no image, or there twice: give one whole number from 0 to 2^62", number)
			}
			values.Del("index")
		}
	default:
		match := shardName.FindStringSubmatch(path)
		if match == nil {
			return refuse(404, "there is no such page: ask for /shards/000123.tar or /images/4711.png, with ?size=256 if you like")
		}
		r.kind, number = kindShard, match[1]
	}
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || n > 1<<62 {
		return refuse(404, "%.40s is out of range: images count from 0 to 2^62", number)
	}
	r.number = n
	switch {
	case r.kind == kindShard && n >= shards:
		return refuse(404, "shard %d is out of range: shards count from 0 to %d", n, shards-1)
	case r.kind == kindShard && r.path() != path:
		return refuse(404, "there is no such page: a shard has six digits or, from a million on, no leading zero, such as %s", r.path())
	}
	return nil
}

func parseSize(text string, maxSide int) (width, height int, err error) {
	match := sizeText.FindStringSubmatch(text)
	if match == nil {
		return 0, 0, refuse(400, "size %.40q is no size: give one number or WIDTHxHEIGHT, each from 1 to %d", text, maxSide)
	}
	width, _ = strconv.Atoi(match[1])
	height = width
	if match[2] != "" {
		height, _ = strconv.Atoi(match[2])
	}
	if min(width, height) < 1 || max(width, height) > maxSide {
		return 0, 0, refuse(400, "size %s is out of range: each side is 1 to %d", text, maxSide)
	}
	return width, height, nil
}

// sentence makes one line of an error that may have several.
func sentence(err error) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", "; ")), " ")
}

// bearer returns the token of an Authorization header.
func bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// local reports whether a Host header names this machine. Without that a page of another
// site, whose name was made to lead here, could read what is served without a token.
func local(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	ip := net.ParseIP(name)
	return host == "" || strings.EqualFold(name, "localhost") || ip != nil && ip.IsLoopback()
}

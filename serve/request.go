package serve

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// resource is what a request asks for: a shard or an image, of a size.
type resource struct {
	shard         bool
	number        uint64 // of the shard, or index of the image
	width, height int    // px; 0: those of the configuration
}

// path is the one path of the resource, without a size.
func (r resource) path() string {
	if r.shard {
		return fmt.Sprintf("/shards/%06d.tar", r.number)
	}
	return fmt.Sprintf("/images/%d.png", r.number)
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

var (
	shardName = regexp.MustCompile(`^/shards/([0-9]{6,19})\.tar$`)
	imageName = regexp.MustCompile(`^/images/([0-9]{1,19})\.png$`)
	sizeText  = regexp.MustCompile(`^([0-9]{1,5})(?:x([0-9]{1,5}))?$`)
)

// parse reads the path and the query of a request. maxSide is the largest side of an
// image in px, shards how many shards there are. Errors are problems.
func parse(path, query string, maxSide int, shards uint64) (resource, error) {
	var r resource
	match := shardName.FindStringSubmatch(path)
	r.shard = match != nil
	if match == nil {
		match = imageName.FindStringSubmatch(path)
	}
	if match == nil {
		return r, refuse(404, "there is no such page: ask for /shards/000123.tar or /images/4711.png, with ?size=256 if you like")
	}
	number, err := strconv.ParseUint(match[1], 10, 64)
	if err != nil || number > 1<<62 {
		return r, refuse(404, "%s is out of range: images count from 0 to 2^62", match[1])
	}
	r.number = number
	switch {
	case r.shard && number >= shards:
		return r, refuse(404, "shard %d is out of range: shards count from 0 to %d", number, shards-1)
	case r.shard && r.path() != path:
		return r, refuse(404, "there is no such page: a shard has six digits or, from a million on, no leading zero, such as %s", r.path())
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return r, refuse(400, "the query cannot be read: give ?size=256 or ?size=640x480")
	}
	for name, list := range values {
		if name != "size" || len(list) != 1 {
			return r, refuse(400, "the parameter %.40q is not known or there twice: give ?size=256 or ?size=640x480", name)
		}
		match := sizeText.FindStringSubmatch(list[0])
		if match == nil {
			return r, refuse(400, "size %.40q is no size: give one number or WIDTHxHEIGHT, each from 1 to %d", list[0], maxSide)
		}
		r.width, _ = strconv.Atoi(match[1])
		r.height = r.width
		if match[2] != "" {
			r.height, _ = strconv.Atoi(match[2])
		}
		if min(r.width, r.height) < 1 || max(r.width, r.height) > maxSide {
			return r, refuse(400, "size %s is out of range: each side is 1 to %d", list[0], maxSide)
		}
	}
	return r, nil
}

// bearer returns the token of an Authorization header.
func bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

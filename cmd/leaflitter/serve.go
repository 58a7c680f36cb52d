package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"time"

	"leaflitter/scene"
	"leaflitter/serve"
)

type serveCmd struct {
	Listen string `default:"127.0.0.1:8080" help:"Address to listen on (default 127.0.0.1:8080, this machine only). Another address demands a token." placeholder:"HOST:PORT"`
	configFlags
	Seed    uint64 `default:"0" help:"Seed; image I of a seed is always the same."`
	Threads int    `help:"Threads (default all cores)."`
	backendFlags
	colourFlags
	ShardSize   uint64 `default:"1000" help:"Images a shard (default 1000)."`
	Member      string `default:"png" help:"Members of shards: png, not compressed, or npy (default png)." placeholder:"png|npy"`
	TokenFile   string `help:"File that holds the token clients must send; else the environment's LEAFLITTER_TOKEN." placeholder:"FILE"`
	Connections int    `default:"1024" help:"Connections open at once; more are told to come again (default 1024)."`
	MaxRequests int    `default:"128" help:"Requests answered at once; more are told to come again (default 128)."`
	MaxSide     int    `default:"2048" help:"Largest side of an image that a request may ask for, px (default 2048)."`
	MaxSizes    int    `default:"8" help:"Configurations, seeds and sizes served at once (default 8)."`
	Cache       int    `default:"256" help:"MiB of finished images to keep (default 256)."`
	Quiet       bool   `help:"Say nothing but errors."`
}

func (s *serveCmd) check() error {
	for _, v := range []struct {
		flag      string
		n, lo, hi int
	}{{"connections", s.Connections, 1, 1 << 16}, {"max-requests", s.MaxRequests, 1, 1 << 16}, {"max-side", s.MaxSide, 16, 16384}, {"max-sizes", s.MaxSizes, 1, 256}, {"cache", s.Cache, 16, 1 << 20}} {
		if v.n < v.lo || v.n > v.hi {
			return usagef("--%s %d is out of range; give a whole number from %d to %d", v.flag, v.n, v.lo, v.hi)
		}
	}
	if s.ShardSize < 1 || s.ShardSize > 1<<20 {
		return usagef("--shard-size %d is out of range; give 1 to %d", s.ShardSize, 1<<20)
	}
	if s.Member != "png" && s.Member != "npy" {
		return usagef("--member %s: give png or npy", s.Member)
	}
	if err := checkThreads(s.Threads); err != nil {
		return err
	}
	return s.backendFlags.check()
}

// token returns what clients must show.
func (s *serveCmd) token() (string, error) {
	token := os.Getenv("LEAFLITTER_TOKEN")
	if s.TokenFile != "" {
		text, err := os.ReadFile(s.TokenFile)
		if err != nil {
			return "", fmt.Errorf("--token-file %s cannot be read: %w", s.TokenFile, cause(err))
		}
		token = strings.TrimSpace(string(text))
		if token == "" {
			return "", usagef("--token-file %s is empty; put a long random word into it", s.TokenFile)
		}
	}
	if token != "" && (len(token) < 16 || strings.ContainsAny(token, " \t\n")) {
		return "", usagef("the token has %d characters; give at least 16, without blanks, such as openssl rand -hex 16 prints", len(token))
	}
	return token, nil
}

// listen opens the address; only this machine's may go without a token.
func (s *serveCmd) listen(token string) (net.Listener, error) {
	address, err := net.ResolveTCPAddr("tcp", s.Listen)
	if err != nil {
		return nil, usagef("--listen %s: give HOST:PORT, such as 127.0.0.1:8080", s.Listen)
	}
	if token == "" && (address.IP == nil || !address.IP.IsLoopback()) {
		return nil, usagef("--listen %s can be reached from other machines, which demands a token: give --token-file or LEAFLITTER_TOKEN, or listen on 127.0.0.1", s.Listen)
	}
	l, err := net.ListenTCP("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with --listen", s.Listen, err)
	}
	return l, nil
}

func (s *serveCmd) Run(c *console) error {
	if err := s.check(); err != nil {
		return err
	}
	cfg, err := s.configFlags.load()
	if err != nil {
		return err
	}
	if side := max(cfg.Image.Width, cfg.Image.Height); side > s.MaxSide {
		return usagef("--size %dx%d is larger than --max-side %d; raise that", cfg.Image.Width, cfg.Image.Height, s.MaxSide)
	}
	token, err := s.token()
	if err != nil {
		return err
	}
	l, err := s.listen(token)
	if err != nil {
		return err
	}
	defer l.Close()
	threads := s.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	say := c.say
	if s.Quiet {
		say = func(string, ...any) {}
	}
	set, err := s.colourFlags.load(c, &cfg, threads, say)
	if err != nil {
		return err
	}
	m := newModels(s, cfg, set, threads, say, c.warn)
	presets, err := m.presets()
	if err != nil {
		return err
	}
	server, err := serve.New(serve.Options{
		Model: m.model, Schema: scene.Schema(), Presets: presets, Token: token,
		MaxSide: s.MaxSide, MaxConnections: s.Connections, MaxRequests: s.MaxRequests, MaxSizes: s.MaxSizes, CacheBytes: int64(s.Cache) << 20, Stall: 30 * time.Second,
		Say: c.say,
	})
	if err != nil {
		return err
	}
	if width, height := m.view(); s.MaxSizes > 1 {
		go server.Warm(c.ctx, width, height, 12)
	}
	who := "this machine only"
	if token != "" {
		who = "who has the token"
	}
	if !s.Quiet {
		c.say("serving http://%s/ (the explorer), /shards/000000.tar and /images/0.png to %s", l.Addr(), who)
	}
	return server.Serve(c.ctx, l)
}

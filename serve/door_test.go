package serve

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// listening is a server as leaflitter serve runs it, on loopback, until the test ends.
func listening(t *testing.T, most int) (address string, client func() *http.Client) {
	t.Helper()
	s, h := testServer(t, fake{}, func(o *Options) { o.MaxConnections = most })
	h.Close() // its listener has no door
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String(), func() *http.Client {
		own := &http.Transport{} // connections of its own
		t.Cleanup(own.CloseIdleConnections)
		return &http.Client{Transport: own, Timeout: 20 * time.Second}
	}
}

// More connections than are allowed are told to come again, and let in when one is closed.
func TestConnections(t *testing.T) {
	address, client := listening(t, 3)
	image := "http://" + address + "/images/1.png"
	var inside []*http.Client
	for range 3 {
		c := client()
		inside = append(inside, c)
		answerOf(t, c, image, 200)
	}
	for range 2 * waiting { // one after another each finds a place to be told
		answer, body := answerOf(t, client(), image, 503)
		if answer.Header.Get("Retry-After") != "1" || !answer.Close || body != "3 connections are open, which is the most at once: try again soon\n" || answer.Header.Get("X-Content-Type-Options") == "" {
			t.Fatalf("%v: %s", answer.Header, body)
		}
	}
	_, counts := answerOf(t, inside[0], "http://"+address+"/metrics", 200) // who is in is served
	if want := fmt.Sprintf(`leaflitter_requests_total{kind="other",status="503"} %d`, 2*waiting); !strings.Contains(counts, want) {
		t.Errorf("not counted: %s", want)
	}
	inside[1].CloseIdleConnections()
	c := client()
	until(t, func() bool {
		answer, err := c.Get(image)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode == 200
	})
}

// Those who are turned away and say nothing are few: the next are closed at once, and
// the first after two seconds. Nobody inside notices.
func TestConnectionsSilent(t *testing.T) {
	address, client := listening(t, 1)
	in := client()
	answerOf(t, in, "http://"+address+"/healthz", 200)
	var silent []net.Conn
	for range waiting + 8 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		silent = append(silent, c)
	}
	for i, c := range silent[waiting:] {
		c.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err == nil || isTimeout(err) {
			t.Errorf("connection %d stays open: %v", waiting+i, err)
		}
	}
	answerOf(t, in, "http://"+address+"/healthz", 200)
	for _, c := range silent[:waiting] {
		c.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := c.Read(make([]byte, 1)); isTimeout(err) {
			t.Fatal("who says nothing stays")
		}
	}
	until(t, func() bool { // their places are free again
		answer, err := client().Get("http://" + address + "/healthz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == 503
	})
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

func answerOf(t *testing.T, c *http.Client, url string, status int) (*http.Response, string) {
	t.Helper()
	answer, body := askWith(t, c, "GET", url)
	if answer.StatusCode != status {
		t.Fatalf("%s: %s instead of %d: %.200q", url, answer.Status, status, body)
	}
	return answer, body
}

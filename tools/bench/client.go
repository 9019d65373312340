//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// client is one connection that asks and waits, as thin as it can be: what it computes is taken from the
// machine that the server shares with it.
type client struct {
	conn net.Conn
	r    *bufio.Reader
}

func dial(addr string) (*client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{conn, bufio.NewReader(conn)}, nil
}

// ask sends a whole request and reads the whole answer.
func (c *client) ask(request string) (status int, body []byte, err error) {
	if _, err := io.WriteString(c.conn, request); err != nil {
		return 0, nil, err
	}
	resp, err := http.ReadResponse(c.r, nil)
	if err != nil {
		return 0, nil, err
	}
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

// signIn gives the session's cookie.
func signIn(addr, login, password string) (string, error) {
	form := url.Values{"login": {login}, "password": {password}}
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.PostForm("http://"+addr+"/login", form)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	for _, k := range resp.Cookies() {
		if k.Value != "" {
			return k.Name + "=" + k.Value, nil
		}
	}
	return "", fmt.Errorf("sign-in of %s: status %d and no cookie", login, resp.StatusCode)
}

func getRequest(addr, path, cookie string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: " + addr + "\r\nCookie: " + cookie + "\r\n\r\n"
}

func postRequest(addr, path, cookie, key, body string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Type: application/json\r\nIdempotency-Key: %s\r\nContent-Length: %d\r\n\r\n%s",
		path, addr, cookie, key, len(body), body)
	return b.String()
}

// storm lets n clients ask for a while; next makes a request and wants its status.
func storm(addr string, n int, length time.Duration, next func(client, i int) (request string, want int)) (took []time.Duration, err error) {
	var mu sync.Mutex
	var group sync.WaitGroup
	until := time.Now().Add(length)
	for k := range n {
		group.Go(func() {
			own, fault := stormOne(addr, k, until, next)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, own...)
			if fault != nil {
				err = fault
			}
		})
	}
	group.Wait()
	return took, err
}

func stormOne(addr string, k int, until time.Time, next func(client, i int) (string, int)) (took []time.Duration, err error) {
	c, err := dial(addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.conn.Close() }()
	for i := 0; time.Now().Before(until); i++ {
		request, want := next(k, i)
		begun := time.Now()
		status, body, err := c.ask(request)
		if err != nil {
			return took, err
		}
		took = append(took, time.Since(begun))
		if status != want {
			return took, fmt.Errorf("status %d: %.300s", status, body)
		}
	}
	return took, nil
}

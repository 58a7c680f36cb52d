package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3 settings that are no flags:
//
//   - AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL: the server, http:// or https://;
//     Amazon's if neither is set
//   - AWS_REGION or AWS_DEFAULT_REGION; us-east-1 if neither is set
//   - AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; else the profile
//     AWS_PROFILE of the file AWS_SHARED_CREDENTIALS_FILE (default profile "default",
//     ~/.aws/credentials); else the role of AWS_WEB_IDENTITY_TOKEN_FILE or
//     AWS_CONTAINER_CREDENTIALS_*_URI, as Kubernetes and container services set them
//
// Nothing asks the metadata service of a virtual machine.

const (
	// firstPart is the size of the first parts of an upload; see upload.part. Two parts
	// are in memory for each object that is being written.
	firstPart = 8 << 20
	// retries with exponential backoff from 0.2 to 1 s and full jitter: about half a
	// minute of a server that refuses.
	retries = 60
	// stalled is for how long a connection may neither take nor give a byte.
	stalled = time.Minute
)

type s3 struct {
	core           *minio.Core
	bucket, prefix string // prefix: empty, or ends with a slash
}

func newS3(bucket, prefix string) (Store, error) {
	where := "s3://" + path.Join(bucket, prefix)
	endpoint := first(os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL"), "https://s3.amazonaws.com")
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("%s: AWS_ENDPOINT_URL is %q, but must be like https://HOST or http://HOST:PORT", where, endpoint)
	}
	creds := credentials.NewChainCredentials(providers())
	if v, err := creds.GetWithContext(nil); err != nil || v.AccessKeyID == "" {
		return nil, fmt.Errorf("%s: no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE with a file ~/.aws/credentials", where)
	}
	transport, err := minio.DefaultTransport(u.Scheme == "https")
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return restless{c}, nil
	}
	core, err := minio.NewCore(u.Host, &minio.Options{
		Creds: creds, Secure: u.Scheme == "https", Transport: transport, MaxRetries: retries,
		Region: first(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"), "us-east-1"),
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	if prefix != "" {
		prefix += "/"
	}
	return &s3{core: core, bucket: bucket, prefix: prefix}, nil
}

// providers are the places where credentials are looked for, in order.
func providers() []credentials.Provider {
	list := []credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}}
	for _, name := range []string{"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"} {
		if os.Getenv(name) != "" {
			return append(list, &credentials.IAM{Client: &http.Client{Timeout: 10 * time.Second}})
		}
	}
	return list
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// restless is a connection that fails when nothing moves.
type restless struct{ net.Conn }

func (c restless) Read(p []byte) (int, error) {
	c.SetReadDeadline(time.Now().Add(stalled))
	return c.Conn.Read(p)
}

func (c restless) Write(p []byte) (int, error) {
	c.SetWriteDeadline(time.Now().Add(stalled))
	return c.Conn.Write(p)
}

func (s *s3) String() string {
	return strings.TrimSuffix("s3://"+s.bucket+"/"+s.prefix, "/")
}

func (s *s3) key(name string) string { return s.prefix + name }

// explain turns an error of the server into a sentence.
func (s *s3) explain(name string, err error) error {
	if err == nil {
		return nil
	}
	where := s.String() + "/" + name
	if name == "" {
		where = s.String()
	}
	r := minio.ToErrorResponse(err)
	switch r.Code {
	case "NoSuchKey":
		return &sentence{where + ": is not there", errors.Join(fs.ErrNotExist, err)}
	case "NoSuchBucket":
		return &sentence{fmt.Sprintf("%s: there is no bucket %s at %s: make it first, or check AWS_ENDPOINT_URL", where, s.bucket, s.core.EndpointURL()), err}
	case "AccessDenied":
		return &sentence{where + ": access denied: these credentials may not read or write there", err}
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidTokenId":
		return &sentence{fmt.Sprintf("%s: the server refuses the credentials or the place (%s): check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE", where, r.Code), err}
	}
	if r.StatusCode == http.StatusForbidden || r.StatusCode == http.StatusUnauthorized || r.StatusCode == http.StatusNotFound {
		return &sentence{fmt.Sprintf("%s: the server refuses the credentials or the place (%s): check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL", where, strings.TrimRight(r.Message, ".")), err}
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	text := strings.ReplaceAll(err.Error(), "\n", " ")
	return &sentence{fmt.Sprintf("%s: %s; check the server %s and run the same command again: finished shards are kept", where, strings.TrimRight(text, "."), s.core.EndpointURL()), err}
}

func (s *s3) Put(ctx context.Context, name string, data []byte) error {
	_, err := s.core.PutObject(ctx, s.bucket, s.key(name), bytes.NewReader(data), int64(len(data)), "", "", minio.PutObjectOptions{})
	return s.explain(name, err)
}

func (s *s3) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if length == 0 {
		return io.NopCloser(strings.NewReader("")), nil
	}
	var o minio.GetObjectOptions
	if length > 0 {
		o.SetRange(offset, offset+length-1)
	} else if offset > 0 {
		o.SetRange(offset, 0)
	}
	body, _, _, err := s.core.GetObject(ctx, s.bucket, s.key(name), o)
	if err != nil {
		return nil, s.explain(name, err)
	}
	return body, nil
}

func (s *s3) Size(ctx context.Context, name string) (int64, error) {
	info, err := s.core.StatObject(ctx, s.bucket, s.key(name), minio.StatObjectOptions{})
	return info.Size, s.explain(name, err)
}

func (s *s3) Each(ctx context.Context, prefix string, fn func(name string) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the listing if fn does
	for o := range s.core.Client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.key(prefix), Recursive: true}) {
		if o.Err != nil {
			return s.explain("", o.Err)
		}
		if err := fn(strings.TrimPrefix(o.Key, s.prefix)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (s *s3) Remove(ctx context.Context, name string) error {
	return s.explain(name, s.core.RemoveObject(ctx, s.bucket, s.key(name), minio.RemoveObjectOptions{}))
}

// Sweep aborts uploads.
func (s *s3) Sweep(ctx context.Context, match func(name string) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var failed error
	for u := range s.core.ListIncompleteUploads(ctx, s.bucket, s.prefix, true) {
		if u.Err != nil {
			return s.explain("", u.Err)
		}
		name := strings.TrimPrefix(u.Key, s.prefix)
		if !match(name) {
			continue
		}
		if err := s.core.AbortMultipartUpload(ctx, s.bucket, u.Key, u.UploadID); err != nil && !gone(err) {
			failed = errors.Join(failed, s.explain(name, err))
		}
	}
	return failed
}

// gone reports whether an upload was aborted or completed by somebody else.
func gone(err error) bool { return minio.ToErrorResponse(err).Code == "NoSuchUpload" }

// Part of the MinIO server that this project builds: fixes/apply.ts puts it into a copy of the module's
// package cmd, beside upstream's files, and names the places that call it. docs/servers.md says which advisory each answers.

package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/minio/minio/internal/auth"
	objectlock "github.com/minio/minio/internal/bucket/object/lock"
	xhttp "github.com/minio/minio/internal/http"
	"github.com/minio/minio/internal/logger"
	"github.com/minio/pkg/v3/policy"
)

// Headers named x-amz-* that need no signature: the payload's hash is part of what is signed wherever it stands, and
// CloudFront's mark of a request decides nothing here.
var mayStayUnsigned = []string{"x-amz-content-sha256", "x-amz-cf-id"}

// Internal controls that a client may send as it likes: a guard against proxying in circles, and a question that writes nothing.
var harmlessControls = []string{"x-minio-source-proxy-request", "x-minio-source-replication-check"}

type requestGuardKey struct{}

// guardedRequest is what code further in, which sees the context alone, may ask about its request.
type guardedRequest struct {
	request *http.Request
	peer    func() APIErrorCode
}

// setRequestGuardMiddleware refuses what no handler may believe: x-amz-* headers that the signature leaves out, and internal
// controls of replication from anybody who isn't a replication peer. It runs before any handler adds headers of its own.
func setRequestGuardMiddleware(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refuse := func(code APIErrorCode, why string) {
			apiErr := errorCodes.ToAPIErr(code)
			if why != "" {
				apiErr.Description = fmt.Sprintf("%s (%s)", apiErr.Description, why)
			}
			defer logger.AuditLog(r.Context(), w, r, mustGetClaimsFromToken(r))
			writeErrorResponse(r.Context(), w, apiErr, r.URL)
			atomic.AddUint64(&globalHTTPStats.rejectedRequestsAuth, 1)
		}
		// a handler's own note about a presigned request, which decides conditions of policies
		r.Header.Del("X-Amz-Signature-Age")
		if guessIsRPCReq(r) {
			h.ServeHTTP(w, r)
			return
		}
		if name := unsignedHeader(r); name != "" {
			refuse(ErrUnsignedHeaders, "not signed: "+name)
			return
		}
		guarded := &guardedRequest{request: r}
		guarded.peer = func() APIErrorCode { return replicationPeer(guarded.request) }
		if name := internalControl(r); name != "" {
			if code := guarded.peer(); code != ErrNone {
				refuse(code, "only a replication peer may send "+name)
				return
			}
			guarded.peer = func() APIErrorCode { return ErrNone }
		}
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestGuardKey{}, guarded)))
	})
}

// unsignedHeader names an x-amz-* header that arrived and that the request's signature (version 4) leaves out.
func unsignedHeader(r *http.Request) string {
	var signed []string
	switch {
	case isRequestSignatureV4(r):
		for _, field := range strings.Split(strings.TrimPrefix(r.Header.Get(xhttp.Authorization), signV4Algorithm), ",") {
			if after, ok := strings.CutPrefix(strings.TrimSpace(field), "SignedHeaders="); ok {
				signed = strings.Split(strings.ToLower(after), ";")
			}
		}
	case isRequestPresignedSignatureV4(r):
		signed = strings.Split(strings.ToLower(r.Form.Get(xhttp.AmzSignedHeaders)), ";")
	default:
		return ""
	}
	for key := range r.Header {
		name := strings.ToLower(key)
		if strings.HasPrefix(name, "x-amz-") && !slices.Contains(mayStayUnsigned, name) && !slices.Contains(signed, name) {
			return name
		}
	}
	return ""
}

func isInternalControl(key string) bool {
	name := strings.ToLower(key)
	if slices.Contains(harmlessControls, name) {
		return false
	}
	return strings.HasPrefix(name, "x-minio-source-") || strings.HasPrefix(name, "x-minio-replication-") ||
		name == strings.ToLower(xhttp.AmzBucketReplicationStatus)
}

// internalControl names a control of replication among a request's headers and query parameters: metadata is read from both.
func internalControl(r *http.Request) string {
	for key := range r.Header {
		if isInternalControl(key) {
			return strings.ToLower(key)
		}
	}
	for key := range r.Form {
		if isInternalControl(key) {
			return strings.ToLower(key)
		}
	}
	return ""
}

// replicationPeer verifies the signature of a request and that its identity may replicate what the request names.
func replicationPeer(r *http.Request) APIErrorCode {
	switch getRequestAuthType(r) {
	case authTypeSigned, authTypePresigned, authTypeStreamingSigned, authTypeStreamingSignedTrailer, authTypeStreamingUnsignedTrailer:
	default:
		return ErrAccessDenied
	}
	region := globalSite.Region()
	if code := reqSignatureV4Verify(r, region, serviceS3); code != ErrNone {
		return code
	}
	cred, owner, code := getReqAccessKeyV4(r, region, serviceS3)
	if code != ErrNone {
		return code
	}
	action := policy.Action(policy.ReplicateObjectAction)
	if _, several := r.Form["delete"]; r.Method == http.MethodDelete || several {
		action = policy.ReplicateDeleteAction
	}
	bucket, object := request2BucketObjectName(r)
	if !globalIAMSys.IsAllowed(policy.Args{
		AccountName:     cred.AccessKey,
		Groups:          cred.Groups,
		Action:          action,
		BucketName:      bucket,
		ConditionValues: getConditionValues(r, "", cred),
		ObjectName:      object,
		IsOwner:         owner,
		Claims:          cred.Claims,
	}) {
		return ErrAccessDenied
	}
	return ErrNone
}

// isReplicationPeer reports whether the request behind a context comes from a replication peer.
func isReplicationPeer(ctx context.Context) bool {
	guarded, ok := ctx.Value(requestGuardKey{}).(*guardedRequest)
	return ok && guarded.peer() == ErrNone
}

// mayBecomeMetadata keeps replication's own metadata to its peers, wherever it comes from: forms and archives have it, too.
func mayBecomeMetadata(ctx context.Context, name string) bool {
	return !isInternalControl(name) || isReplicationPeer(ctx)
}

// withoutInternalControls drops replication's controls from the headers of an object inside an archive.
func withoutInternalControls(ctx context.Context, header http.Header) http.Header {
	for key := range header {
		if !mayBecomeMetadata(ctx, key) {
			header = header.Clone()
			break
		}
	}
	for key := range header {
		if !mayBecomeMetadata(ctx, key) {
			header.Del(key)
		}
	}
	return header
}

// mayWriteVersion judges a write that names the version it makes. The server names versions; only a replication peer brings
// names along, and nobody replaces a version under a lock. New metadata for the very same version stays possible.
func mayWriteVersion(ctx context.Context, bucket, object, version string) error {
	version = strings.TrimSpace(version)
	if version == "" {
		return nil
	}
	guarded, ok := ctx.Value(requestGuardKey{}).(*guardedRequest)
	if !ok || guarded.peer() != ErrNone {
		return InvalidArgument{Bucket: bucket, Object: object, Err: errors.New("a write can't name a version")}
	}
	if copiesOnto(guarded.request, bucket, object, version) {
		return nil
	}
	objectAPI := newObjectLayerFn()
	if objectAPI == nil {
		return errServerNotInitialized
	}
	there, err := objectAPI.GetObjectInfo(ctx, bucket, object, ObjectOptions{VersionID: version, Versioned: true})
	if err != nil {
		if isErrObjectNotFound(err) || isErrVersionNotFound(err) || isErrMethodNotAllowed(err) {
			return nil
		}
		return err
	}
	now, err := objectlock.UTCNowNTP()
	if err != nil {
		return err
	}
	retention := objectlock.GetObjectRetentionMeta(there.UserDefined)
	hold := objectlock.GetObjectLegalHoldMeta(there.UserDefined)
	if hold.Status == objectlock.LegalHoldOn || (retention.Mode.Valid() && retention.RetainUntilDate.After(now)) {
		return ObjectLocked{Bucket: bucket, Object: object, VersionID: version}
	}
	return nil
}

// copiesOnto reports whether a request copies a version onto itself.
func copiesOnto(r *http.Request, bucket, object, version string) bool {
	source, err := url.Parse(r.Header.Get(xhttp.AmzCopySource))
	if err != nil || source.Path == "" {
		return false
	}
	fromBucket, fromObject := path2BucketObject(source.Path)
	return fromBucket == bucket && fromObject == object && source.Query().Get(xhttp.VersionID) == version
}

// isConditionHeader says which headers conditions of policies are judged by: any other name spells a key (`Prefix`,
// `Versionid`) and would stand before the request's own value.
func isConditionHeader(key string) bool {
	return strings.HasPrefix(key, "X-Amz-")
}

// conditionsOfQuery gives the query parameters that conditions are judged by, each with the one value that handlers read.
func conditionsOfQuery(query url.Values, judged map[string][]string) url.Values {
	kept := make(url.Values)
	for key, values := range query {
		name := key
		switch canonical := http.CanonicalHeaderKey(key); canonical {
		case xhttp.AmzContentSha256, http.CanonicalHeaderKey(xhttp.AmzStorageClass):
			name = canonical
		default:
			if key != "prefix" && key != "delimiter" && key != "max-keys" {
				continue
			}
		}
		if len(judged[name]) == 0 && len(values) > 0 {
			kept[name] = values[:1]
		}
	}
	return kept
}

// mayEndOwnKeys reports whether no policy refuses a caller to end keys of its own user: service accounts, itself among
// them, and sessions. It asks as for making them: a refusal counts, and a service account with a document of its own needs
// the permission in it.
func mayEndOwnKeys(r *http.Request, cred auth.Credentials, owner bool) bool {
	return globalIAMSys.IsAllowed(policy.Args{
		AccountName:     cred.AccessKey,
		Groups:          cred.Groups,
		Action:          policy.RemoveServiceAccountAdminAction,
		ConditionValues: getConditionValues(r, "", cred),
		IsOwner:         owner,
		Claims:          cred.Claims,
		DenyOnly:        true,
	})
}

// consolePassphrase gives what the console encrypts its sessions with.
func consolePassphrase() string {
	return getSignature(sumHMAC([]byte(globalActiveCred.SecretKey), []byte("console session")), globalDeploymentID())
}

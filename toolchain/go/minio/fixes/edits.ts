/** One change to a file of MinIO's module: `find` has to be there exactly once. */
export interface Edit {
  readonly file: string;
  /** The advisories it answers, as in docs/servers.md; words where a hole has no number. */
  readonly closes: readonly string[];
  readonly find: string;
  readonly replace: string;
}

/** Changes to the MinIO module that toolchain/pins.json names; functions they call are in `request_guard.go`. */
export const EDITS: readonly Edit[] = [
  {
    // put, part and Snowball alike ask this function who they are before they read a byte
    file: "cmd/auth-handler.go",
    closes: ["CVE-2026-41145", "CVE-2026-40344"],
    find: `		if s3Err == ErrMissingFields {
			// Could be anonymous. cred + owner is zero value.
			s3Err = ErrNone
		}`,
    replace: `		if s3Err == ErrMissingFields && r.Header.Get(xhttp.Authorization) == "" && !isRequestPresignedSignatureV4(r) {
			// Could be anonymous. cred + owner is zero value.
			s3Err = ErrNone
		} else if s3Err == ErrNone {
			s3Err = reqSignatureV4Verify(r, region, serviceS3)
		}`,
  },
  {
    file: "cmd/routers.go",
    closes: ["SN-2026-011", "CVE-2026-34204", "SN-2026-008"],
    find: "	setRequestValidityMiddleware,\n",
    replace: "	setRequestValidityMiddleware,\n	setRequestGuardMiddleware,\n",
  },
  {
    file: "cmd/handler-utils.go",
    closes: ["CVE-2026-34204", "SN-2026-008"],
    find: `		value, ok := nv[http.CanonicalHeaderKey(supportedHeader)]
		if ok {
			if v, ok := replicationToInternalHeaders`,
    replace: `		value, ok := nv[http.CanonicalHeaderKey(supportedHeader)]
		if ok && mayBecomeMetadata(ctx, supportedHeader) {
			if v, ok := replicationToInternalHeaders`,
  },
  {
    file: "cmd/object-api-options.go",
    closes: ["SN-2026-008"],
    find: `	versionSuspended := globalBucketVersioningSys.PrefixSuspended(bucket, object)

	vid = strings.TrimSpace(vid)
	if vid != "" && vid != nullVersionID {
		_, err := uuid.Parse(vid)
		if err != nil {
			return opts, InvalidVersionID{
				Bucket:    bucket,
				Object:    object,
				VersionID: vid,
			}
		}
		if !versioned {
			return opts, InvalidArgument{
				Bucket: bucket,
				Object: object,
				Err:    fmt.Errorf("VersionID specified %s, but versioning not enabled on bucket=%s", opts.VersionID, bucket),
			}
		}
	}
	opts, err = putOptsFromHeaders(ctx, hdrs, metadata)`,
    replace: `	versionSuspended := globalBucketVersioningSys.PrefixSuspended(bucket, object)

	vid = strings.TrimSpace(vid)
	if err := mayWriteVersion(ctx, bucket, object, vid); err != nil {
		return opts, err
	}
	if vid != "" && vid != nullVersionID {
		_, err := uuid.Parse(vid)
		if err != nil {
			return opts, InvalidVersionID{
				Bucket:    bucket,
				Object:    object,
				VersionID: vid,
			}
		}
		if !versioned {
			return opts, InvalidArgument{
				Bucket: bucket,
				Object: object,
				Err:    fmt.Errorf("VersionID specified %s, but versioning not enabled on bucket=%s", opts.VersionID, bucket),
			}
		}
	}
	hdrs = withoutInternalControls(ctx, hdrs)
	opts, err = putOptsFromHeaders(ctx, hdrs, metadata)`,
  },
  {
    file: "cmd/bucket-policy.go",
    closes: ["SN-2026-003"],
    find: `		if strings.EqualFold(key, xhttp.AmzObjectTagging) {
			continue
		}
		if existingValues, found := args[key]; found {
			args[key] = append(existingValues, values...)
		} else {
			args[key] = values
		}
	}`,
    replace: `		if strings.EqualFold(key, xhttp.AmzObjectTagging) || !isConditionHeader(key) {
			continue
		}
		args[key] = values[:1]
	}`,
  },
  {
    file: "cmd/bucket-policy.go",
    closes: ["SN-2026-003"],
    find: `		if values, ok := cloneURLValues[objLock]; ok {
			args[strings.TrimPrefix(objLock, "X-Amz-")] = values
		}
`,
    replace: "",
  },
  {
    file: "cmd/bucket-policy.go",
    closes: ["SN-2026-003"],
    find: "	for key, values := range cloneURLValues {\n",
    replace: "	for key, values := range conditionsOfQuery(cloneURLValues, args) {\n",
  },
  {
    // what the request's body says, not a header that spells the same key
    file: "cmd/auth-handler.go",
    closes: ["SN-2026-003"],
    find: `	conditions := getConditionValues(r, "", cred)
	conditions["object-lock-mode"]`,
    replace: `	conditions := getConditionValues(r, "", cred)
	delete(conditions, "Object-Lock-Mode")
	delete(conditions, "Object-Lock-Retain-Until-Date")
	conditions["object-lock-mode"]`,
  },
  {
    // the hash that the signature covers, wherever it stands, is the body's
    file: "cmd/auth-handler.go",
    closes: ["SN-2026-012"],
    find: `		if sha256Sum, ok := r.Form[xhttp.AmzContentSha256]; ok && len(sha256Sum) > 0 {
			contentSHA256, err = hex.DecodeString(sha256Sum[0])
			if err != nil {`,
    replace: `		if sha256Sum := getContentSha256Cksum(r, stype); sha256Sum != "" {
			contentSHA256, err = hex.DecodeString(sha256Sum)
			if err != nil || len(contentSHA256) == 0 {`,
  },
  {
    file: "cmd/storage-rest-server.go",
    closes: ["CVE-2026-42600"],
    find:
      "			subrouter.Methods(http.MethodPost).Path(storageRESTVersionPrefix + storageRESTMethodReadMultiple)" +
      ".HandlerFunc(h(server.ReadMultiple))\n",
    replace: "",
  },
  {
    file: "internal/config/identity/openid/jwt.go",
    closes: ["CVE-2026-33322"],
    find: '		"HS256", "HS384", "HS512",\n',
    replace: "",
  },
  {
    file: "internal/config/identity/openid/jwt.go",
    closes: ["CVE-2026-33322"],
    find: `	// Add client secret for the client ID for HMAC based signature.
	r.pubKeys.add(pCfg.ClientID, []byte(pCfg.ClientSecret))

`,
    replace: "",
  },
  {
    file: "cmd/admin-handlers-users.go",
    closes: ["SN-2026-009"],
    find: "	objectAPI, _ := validateAdminReq(ctx, w, r, policy.EnableGroupAdminAction)\n",
    replace: `	needed := policy.AdminAction(policy.EnableGroupAdminAction)
	if mux.Vars(r)["status"] != statusEnabled {
		needed = policy.DisableGroupAdminAction
	}
	objectAPI, _ := validateAdminReq(ctx, w, r, needed)
`,
  },
  {
    file: "cmd/admin-handlers-users.go",
    closes: ["SN-2026-009"],
    find: "	objectAPI, creds := validateAdminReq(ctx, w, r, policy.EnableUserAdminAction)\n",
    replace: `	needed := policy.AdminAction(policy.EnableUserAdminAction)
	if madmin.AccountStatus(mux.Vars(r)["status"]) != madmin.AccountEnabled {
		needed = policy.DisableUserAdminAction
	}
	objectAPI, creds := validateAdminReq(ctx, w, r, needed)
`,
  },
  {
    // before it is looked up: who may not ends none, and learns of none
    file: "cmd/admin-handlers-users.go",
    closes: ["own service accounts"],
    find: "	// We do not care if service account is readable or not at this point,\n",
    replace: `	if !mayEndOwnKeys(r, cred, owner) {
		writeErrorResponseJSON(ctx, w, errorCodes.ToAPIErr(ErrAccessDenied), r.URL)
		return
	}
	// We do not care if service account is readable or not at this point,
`,
  },
  {
    // one that can't be read is nobody's own
    file: "cmd/admin-handlers-users.go",
    closes: ["own service accounts"],
    find: '		if svcAccount.ParentUser != "" && parentUser != svcAccount.ParentUser {\n',
    replace: "		if parentUser != svcAccount.ParentUser {\n",
  },
  {
    file: "cmd/admin-handlers-users.go",
    closes: ["own service accounts"],
    find: "	if !adminPrivilege || isTokenSelfRevoke {\n",
    replace: `	if !mayEndOwnKeys(r, cred, owner) {
		writeErrorResponseJSON(ctx, w, errorCodes.ToAPIErr(ErrAccessDenied), r.URL)
		return
	}
	if !adminPrivilege || isTokenSelfRevoke {
`,
  },
  {
    // the id of a deployment is no secret; the root password is, and all servers of a deployment share it
    file: "cmd/common-main.go",
    closes: ["CVE-2026-113466"],
    find: `	os.Setenv("CONSOLE_PBKDF_PASSPHRASE", globalDeploymentID())`,
    replace: `	os.Setenv("CONSOLE_PBKDF_PASSPHRASE", consolePassphrase())`,
  },
];

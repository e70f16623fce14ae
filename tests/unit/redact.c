/* redact: secrets found and replaced, and what is none left as it is */
#include "redact/redact.h"

#include "tap.h"

/* A token of a service, in two literals: it shall not look like one here. */
struct token {
	const char *kind, *text;
};

static const struct token tokens[] = {
	{ "aws-key", "ASIAUM"
		     "PMHS6PJARB7LMY" },
	{ "gcp-key", "AIzaXq"
		     "pPLh8acYJKZ4JMbqLM7KNi4PsHzfc8zRx" },
	{ "google-oauth", "GOCSPX"
			  "-xBEG_Ft3Pg-H8MSmLC-t1AH9SDBP" },
	{ "google-oauth",
	    "ya29.L"
	    "7Ox8NRehaLUVTDGdw1-iN81ljk6YC-JECSBLNaK2VNxk6-zY2gkLpoYjv9"
	    "yzgwnKjNSRuGbHCPQiUrHr" },
	{ "github-token", "ghr_un"
			  "l9YF4sTFXdpnv2ADcv1JfZyi20EbAHCYxI" },
	{ "github-token",
	    "github"
	    "_pat_C6yozQ0m7Qo60Li5qFECju_YgtELveNikxvUUeOMfkb8kYvq3jyMZ"
	    "sGNynppTpqVV9pbMggWypNQWyO8KW" },
	{ "gitlab-token", "glpat-"
			  "Sh5lm_eM9IjlWBl132z4" },
	{ "slack-token", "xoxb-1"
			 "78577626686-940944787909-EYV6XqRm3HWWJHcs6JKDfkSV" },
	{ "slack-token",
	    "xoxp-5"
	    "1422560791-86339071960-100577468138-b715568b9126bef73fecde"
	    "3b53f79a8a" },
	{ "stripe-key", "sk_liv"
			"e_qxBHglBITaHcRnIPr0hJxfzFtVmuhOxtbZYtZBMN" },
	{ "stripe-key", "whsec_"
			"CnNZ5bHGjJh3lz7Wm6gkhvJK9TcsI5Ei" },
	{ "twilio-key", "SK220d"
			"8c947e0dedc8b137913993ed6da2" },
	{ "sendgrid-key",
	    "SG.Dk2"
	    "olmDnjtKZC_8PrxHwne.UcBy-E3zvmKFCdwkBfyv6rzC123YBGNL8lZrri"
	    "c7WqI" },
	{ "npm-token", "npm_xj"
		       "XWm55DKaIbYzZLCyljG1wz7glubIywsNlj" },
	{ "pypi-token",
	    "pypi-A"
	    "gEIcHlwaS5vcmcVQzPTCsYexCG-8-8OEnU9jCHMW9PunLwBdRIO9tOgg1_"
	    "onO64OSFmNADo70L5eem43oNETVXR_bKUsZWpmG2ExvvWNdEv3YqJvpHFA"
	    "FWtFG-UwmVNh-Ig9TE2" },
	{ "openai-key", "sk-dYg"
			"uqG6NeE62dL4e7ViRT3BlbkFJXImcZfhcrq44ihj5LbYn" },
	{ "openai-key",
	    "sk-pro"
	    "j-nQ8pdj5W-oCMkydf2L9UBWQCqd72xqVuS55zArB8lhte_2IHZ1aM2EeS"
	    "Gj6UK1K1BXjsPptxSpT3BlbkFJpC3-Jh1KlkNpNeBPaH-2l56xMk6rckSk"
	    "cPRS2Osy_c0TloKqDmHFX6ZeRJULAlo3rhcDXfMzp3" },
	{ "anthropic-key",
	    "sk-ant"
	    "-api03-cVfCWeQHgUyYgtO7lJMl4BhYvzj20FDB-D7DEOR8FUa9DVHmZhw"
	    "64EPLSJrrKQCLbDX7hi4vGMFKQIezikq60zgzBj6AJAA" },
	{ "huggingface-token", "hf_lMb"
			       "QXnkFXpUltRxUbKcnGWnIcmnbXznAZl" },
	{ "telegram-token", "500886"
			    "6004:AAPkgvhkvWAPPPtUDvvgTzPQntxq9PATIiX" },
	{ "mailgun-key", "key-89"
			 "1e753e4ee2a384f00b9fd149846d52" },
	{ "mailchimp-key", "57d765"
			   "3acaafa9d88cd671b98f50044a-us16" },
	{ "digitalocean-token",
	    "doo_v1"
	    "_603f5c1dc860e7527da285bdc443ccb28d23a02357eca511228bd9e17"
	    "85d5998" },
	{ "shopify-token", "shpss_"
			   "5c7b2e1336614eba23a9461d28156e9c" },
	{ "square-token", "sq0atp"
			  "-hU7VnPvT9lqlyxPvlUOqo0" },
	{ "square-token", "sq0csp"
			  "-fEsPgMCpHP-x_lN7N4N-EMykCNNUWEUxU2MZi1VaUqB" },
	{ "databricks-token", "dapi3f"
			      "0ab4e9df161652e9639911b08fd8fc" },
	{ "docker-token", "dckr_p"
			  "at_JLSSKGhsy9FmiYGie1JW-58CYEW" },
	{ "vault-token", "hvs.cF"
			 "zp4iac2fGUndbhSZueAw8t" },
	{ "private-key",
	    "AGE-SE"
	    "CRET-KEY-1X4ZKDR80722U3FLJVSRKJ3EWK0V2ZQJLK2UHSZP9GTXV03UL"
	    "2KNM4A7NG8" },
	{ "terraform-token",
	    "MB8mZa"
	    "khpfR9ZX.atlasv1.7elj715_S82TavvcTEpdoiAaiszEbLRlL6uHDx8c4"
	    "ME7QvHLNC52h5elAj76f3ajv2n" },
	{ "jwt", "eyJhbG"
		 "ciOiAiRVMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiAiNTU0OTQ4MTA"
		 "xIiwgIm5hbWUiOiAiQ2FuZGxlIiwgImlhdCI6IDE2ODM5MDA2Mjh9.zk-9"
		 "--uO6b1m3wxBD6TMgUWzGAr4-d3IJFTjifPNHI4" },
	{ "newrelic-key", "NRAK-5"
			  "NPK29NSIHBI9I3ZYXKA0F2G4PX" },
	{ "grafana-token", "glsa_k"
			   "3bFoaBAZQ2Ukbba73tIaT2SUbpR2M6r_0fc3e986" },
	{ "linear-key", "lin_ap"
			"i_kI0pljMWRGfmIUj2e5tC2VZY815JUH9dg1LY5lHW" },
	{ "notion-token", "ntn_vQ"
			  "7aebMalSQegPz8R4QYbycNCYz3bxQAndCIo4TVwII8Yj" },
	{ "figma-token", "figd_Y"
			 "2mDXD41VazFN3AriPYhJUHWPDBA8UfViR9fGpow" },
	{ "postmark-token",
	    "PMAK-b"
	    "a5f2fe9fc138cbc91caafd4-4ab0641c8d74215cbf91007264fd531b8c" },
	{ "pulumi-token", "pul-26"
			  "29e72ca0b568b55cdbb4f6c42c0267f207507d" },
	{ "doppler-token", "dp.pt."
			   "4VH7MvBmnTx3UOWD6LB5CLqZ12UzWetocUCui0n6y0s" },
	{ "rubygems-token",
	    "rubyge"
	    "ms_ce305461f49f9293942399d28ee4a2a33048f11ce2860e83" },
	{ "bitbucket-token",
	    "ATATT3"
	    "xFfGF0W5LW3WEABrAuDzeeCAj6uXxqHnw734JnTNLQWfzQp-v2lEjclUJY"
	    "HJ2pit5G5TiRxSWvARxAE-RcY-1BZ4cza-E9S0RSyH7Ecvqo7na9gRvUPR"
	    "1qE3-ECLkmN4WIwS1p2t0nYcdYtMUfnROVXYWpbVZcRfZsr1vznzaQ67Kf"
	    "8sfL=F3D68A5B" },
	{ "alibaba-key", "LTAII2"
			 "15KiKv6LwFwHdEnZNr" },
	{ "groq-key", "gsk_Q4"
		      "dHlGNlii7p9y8sVdukoSoHnNNGifP3caUKMtfecVt6O56pPHBH" },
	{ "replicate-token", "r8_jpr"
			     "86prLCncRzZz8yeLghPXGmZupIzfGYTs8L" },
	{ "tailscale-key",
	    "tskey-"
	    "auth-k0CkRQdFIcL8CNTRL-bdLgXqs251IeaNKR6QU9ry6wZbRQQ3f6" },
	{ "planetscale-token",
	    "pscale"
	    "_tkn_EuSR7h7UQVTpnopm3jAGOnHtQSXy9C99oNmaCy1JoDv" },
	{ "dynatrace-token",
	    "dt0c01"
	    ".LTKP5Y94YSL8S4OSZD5MH224.5YYP46CZZ4FD4WVAV1ITOKAHY5IMPETB"
	    "T09QV6XC3PHTUQZD3PM0LHGPZ3BR4WWW" },
	{ "sentry-token",
	    "sntryu"
	    "_d14df38cf71e1351acda4a8bf86075e24e8b5cfa812094e62d085ca03"
	    "1b5d30d" },
	{ "brevo-key",
	    "xkeysi"
	    "b-272790999b52f7fa1f938dadde9e8fc34655d2bcb7878b741eb6bab1"
	    "4a985dd7-94gNKsjDMg5Xbold" },
	{ "azure-secret", "zmC8Q~"
			  "nGieKm8UYef_zp149Wiwi1hr3K9utJU8Up" },
	{ "jfrog-token",
	    "AKCp8d"
	    "rEusxHOIDLdg2lDpOblTCELBe63ZzUZaKUUbRn2q2FUFIWgbFcSA5hT8Xu"
	    "FJtf2MvvQ" },
	{ "airtable-token",
	    "patZPb"
	    "jSJSjBl2COa.dc45ebe6166d02a87c34c921ba99dff3345dc06dba2699"
	    "5cfbeb3d9d070da2d2" },
	{ "octopus-key", "API-PM"
			 "4CALUKVAQ8A6TBDD7QO8H4RF" },
	{ "settlemint-token", "sm_aat"
			      "_DuTRzPBtT2EW1kta" },
	{ "intra42-secret",
	    "s-s4t2"
	    "ud-d171620563eac5c3a34ad61964098f396a41ffcfc8ef9ff34bc0a77"
	    "d1dd86593" },
	{ "maxmind-key", "MXtGUj"
			 "_ZDGVVohA4FzVKswpHN0uDNkyF633L_mmk" },
	{ "service-token", "live_6"
			   "d734a309516d1c5f7e905c5a92aff9a68b" },
	{ "service-token", "live_0"
			   "3o47mWBPdOEah4g9U0W5dYyNGkl8t3cvxQDwP7Y" },
	{ "gitlab-token", "glft-A"
			  "ZT1xF-U3o-_ksBBxSg6" },
	{ "hubspot-token", "pat-na"
			   "1-72386b34-e998-4ce0-af8d-f56d6199b845" },
	{ "clojars-token",
	    "CLOJAR"
	    "S_ytsv858vi5qn9ooenvkkstmmbczt7w60kdk40een8ogg4n7158q1ef3q"
	    "iur7" },
	{ "contentful-token", "CFPAT-"
			      "NODApUIZ8sIy_SVsuebt0xdSBvB4hQwBYe_jLCs0_FE" },
	{ "duffel-token", "duffel"
			  "_test_yYvfdzvW0lWBUFldSbbIC_582eKoMeIiyWmjQuphXOD" },
	{ "easypost-key",
	    "EZAKu4"
	    "X0Xya7agQyiXQSO2xCKbzwLtNs268AL8voZl0kVVMSlAGY5FtdD8" },
	{ "frameio-token",
	    "fio-u-"
	    "N7RjfZ4K_NaTB5vPsPsRku3bQmPYb-ZsryZhvdJ8YSY9aOBX8zXylopc0S"
	    "y4QBoP" },
	{ "flutterwave-key", "FLWSEC"
			     "K_TEST-db26e80828b58010271839cba0a73a23-X" },
	{ "infracost-key", "ico-W3"
			   "Z2OYQBIecOz3Os5nDTxNRlJfzLr0Vb" },
	{ "mapbox-token",
	    "sk.eyJ"
	    "rxoZCmTYTUK4ElIVIAnCzS8bOk0gNugtkzIqGY51jWOmfNeOz8izxHWcKT"
	    "od4L7mH0Ie6zlKmC0pebSh.dHsvayUd1CJJ8fToawI1cB" },
	{ "prefect-key", "pnu_7j"
			 "grwafuhog0zr6iw28mx9ga0uiz03my5zoc" },
	{ "readme-key",
	    "rdme_a"
	    "z2kez5z3bb1leahhh3b6vkccq0u3rc61m8uann5ubyyzpwt0p6r93xyack"
	    "2wlkx8homjm" },
	{ "shippo-token", "shippo"
			  "_live_c95a830f745526d4c6f7a783c98cb3a211020e94" },
	{ "sourcegraph-token",
	    "sgp_4a"
	    "c95c06419147ad_68c78e2a7929949d601885da1a62c813852c560d" },
	{ "typeform-token",
	    "tfp_64"
	    "s5OXA57WAcw52ebO4BOeIRm4Lq1ntsSz5fqrdx_mPBc7DcOMjaGzo" },
	{ "grafana-token",
	    "glc_ey"
	    "JJvk25TkOMcpD1SQshEFpSLA148idPcR4tYNiUfDdN8WjJH3ndUEcq5smJ"
	    "c2aWedHVWMJ9JP4v4Sdpelh" },
	{ "dropbox-token",
	    "sl.uJZ"
	    "TMm7TkpBWNS4RfDanSvN1t1osNt_eqAYYv2s80t9z5p7SpFkETObhiGrI7"
	    "KGUXWP2GsVhqXbqaQxa0k2tlcjepcYVmySHJbadQmNZyk51ADci7Ju36Fy"
	    "wmx-z-tqjwXtQFuw6" },
	{ "facebook-token",
	    "EAACng"
	    "EKtF3SeZ8mdCINSl6KnSVkt7sEGyeRYMnhGIc56OX70l3cOldZBlTcgdmW"
	    "hoHVvB25rfERJ5CkSL4oLPBMBp5vvpcN7wWssv4xZBFTAZ4Q3PUym2ipqg"
	    "TejxLTETLy2cltN9QWRYquJbSL0Jutpr" },
	{ "onepassword-token",
	    "ops_ey"
	    "JBczAy30ElYD3Rh2msNAP4AZcW4OmQ2x4fWxKqKyKAIXwcvpDzgRWP0QoK"
	    "RJpYkWa552v9SHKxa7nFtf3O7ghCDNi0Jmy9nhGMtu7bSHoWTnerZpxUnx"
	    "qAnW2ODxOkhT75KtNhSV46sv28ICkkaoDo7fUuIdIfYZeYOQVzPjBzobjn"
	    "RV2UYOpkzHCwq5dh19LjCLBIPgZ9IaORY61i5lASpAkIaHk6J4I0sN4gFs"
	    "1bX3IjIC7nTmJGygGJd" },
	{ "onepassword-key", "A3-KC3"
			     "UT6-PHIHMJ-H3ZNB-KJLR4-4PZK4-TZJSK" },
	{ "openshift-token", "sha256"
			     "~IzgaQHsKC46sLDnOAzXtyyWknSsHLK5DgR5XkX5UPB2" },
	{ "sentry-token",
	    "sntrys"
	    "_eyJ3PVEbG3wK39kCHMiaqQn2A0oLVjtLP7paURJhp4hwgNDHon9OPsZ6o"
	    "sinX00zSF04NwEwl7keRc7Nl17qDO74seb4NiGJquWxeBqBEjNCzne6zbS"
	    "j4hs7B4B_VDhaO1LWwOyYFAMreownge54DpWqENSawsokSdDgFSR" },
	{ "harness-key",
	    "pat.09"
	    "nOZfbQFlqyy0ua069UZ3.9f3603b49bb70c4f3ef43f2b.N1mgJy6SiJUJ"
	    "qyd3z1Bf" },
	{ "aws-key",
	    "ABSKbP"
	    "VokVxvsKNSNlSxAa8T7JKCKs7JZe2DplkgGwykaabM7wh51m31MXDmzmPN"
	    "Ew5m6F3sISeX1cF8jHFpzoEWaHVRs2P7H5hsK9YtkuQ6QAfslg4N9AtFpw"
	    "b6XhPIGCGNrm" },
	{ "databricks-token", "dapifc"
			      "d444555d8787228bf6609ada91e735-2" },
	{ "azure-key",
	    "kl7cJn"
	    "d3c4lIN5NJHlemTtxenXVO6yq33y2jwqFUJ27EZgKoRwl10mmISpYHCZND"
	    "UX738pb79s4n+AStpXV2Sx==" },
	{ "azure-key",
	    "nUw9mR"
	    "5l3FDAKbonLpBFZmF7pCl2Epxwk4H5tqKCCtkaNwV8e9YnCWUFA5FegULv"
	    "lqta7VbJPYyXAZDOGXFz" },
	{ "vault-token",
	    "hvb.L2"
	    "aobqLQagjaA58RwcUTpowjD_gQCOmdOK_fCLYCGyZ9VNJfgO5npxLiJs0v"
	    "ALPls8ZXc4EMtaGmnihqwTVB6Bd-yWUsndlWPh3oyuWl3u__K1ta6oEgvB"
	    "gVuJET9Ba6C_ayf6LHLUXEUGidetT8x87" },
	{ "jwt", "eyJsXp"
		 "4enN0yFjy3FzG2WG6tsybkQ6hCgcKhqnA4t9W.ixMMkIk47W7nCf4qsZHu"
		 "BDGMvRxXujJbx-pGPp4uiJ5.AWrIIou5rb4FUHvc.ESGzndwL-cMgBeu-I"
		 "-W0aHrk0n-7f-gZ7_Ye-o0pkOLYXQFUM2fy_sv9LhQa.JXzzRi7yFc1VG4"
		 "DS109C7z" },
	{ "launchdarkly-key", "sdk-3b"
			      "b7d613-395b-478f-ad42-17688217fa01" },
	{ "nvidia-key",
	    "nvapi-"
	    "p92jPBqAlyz_-T9-Vi-CsHS8zb41W4zm9Ct4HPPeiEaG-GFao4heOfeLJl"
	    "68Ew3k" },
	{ "xai-key",
	    "xai-s1"
	    "cB04tWRr1EBOOiZDoOPuviZ1368V8ioZ5ItMY93cBcH6gkxJjPF0BQr4LT"
	    "cDDOziiYOJSuFyKaniYj" },
	{ "perplexity-key", "pplx-8"
			    "vPBYBN3J3JXKmErSjHN7EyjX3NucR6NpjnDVIxM9Vr3NoCC" },
	{ "pinecone-key",
	    "pcsk_m"
	    "cc6AN_OdJoRbyrLiETf1EUGFWy5G10y5zkJofHNcii3NXo0ZzWKIgD4BBj"
	    "xUPBrnyIFZl" },
	{ "openrouter-key",
	    "sk-or-"
	    "v1-807b7fb92501c750cbfd310031fbe158eeb39f6f930b198a2f7a5f7"
	    "a4eda1496" },
	{ "langchain-key", "lsv2_p"
			   "t_d1fdc781cbf9e4963c387cdf73684ea6_b8378240a2" },
};

/*
 * A text in which the secret stands between \1 and \2, and its kind; a text
 * without them has no secret.
 */
struct row {
	const char *kind, *text;
};

#define PUBLIC                                                                 \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo"
#define B64 "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"

static const struct row rows[] = {
	/* files of settings and accounts, further quotes */
	{ "password", "password = \1blue_4272_sky\2 ; of bob" },
	{ "password", "my $password = q{\1blue42sky\2};" },
	{ "password", "let password = r#\"\1blue42sky\2\"#;" },
	{ "password", "<entry key=\"password\">\1blue42sky\2</entry>" },
	{ "password", "requirepass \1blue_4272_sky\2" },
	{ "password", "db:5432:x:bob:\1blue_4272_sky\2" },
	{ "password", "echo 'bob:\1blue_42\2' | chpasswd" },
	{ "password", "WiFi.begin(\"net\", \"\1blue42sky\2\");" },
	{ "password", "variable \"db_password\" {\n  type = string\n"
		      "  default = \"\1blue42sky\2\"\n}" },
	{ "authorization", "authorization: basic \1Ym9iOmJsdWU0MnNreQ==\2" },
	{ NULL, "password = cfg.password2 # from config" },
	{ NULL, "certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0t"
		"LS0tCk1JSURkVENDQWwyZ0F3SUJBZ0lMQkFBQUFB" },
	/* assignments, members, arguments, comparisons */
	{ "password", "password = \"\1hunter2\2\"" },
	{ "password", "DB_PASSWORD = '\1Tr0ub4dor&3\2'" },
	{ "password", "const char *passwd = \"\1s3cr3t!x\2\";" },
	{ "password", "private String dbPassword = "
		      "\"\1correct-horse-battery-staple\2\";" },
	{ "password",
	    "connect(user=\"bob\", password=\"\1pa55w0rd\2\", port=1)" },
	{ "password", "{\"user\": \"bob\", \"password\": \"\1kQ8vz2Lm\2\"}" },
	{ "password", "s = \"{\\\"password\\\": \\\"\1kQ8vz2Lm\2\\\"}\"" },
	{ "password", "if (password == \"\1letmein99\2\") login();" },
	{ "password", "password: str = '\1blue42sky\2'" },
	{ "password",
	    "let password: String = String::from(\"\1blue42sky\2\");" },
	{ "password", "password := []byte(\"\1blue42sky\2\")" },
	{ "password", "os.environ[\"PASSWORD\"] = \"\1blue42sky\2\"" },
	{ "password", "x = os.getenv(\"PASSWORD\") or \"\1blue42sky\2\"" },
	{ "password", "const p = process.env.PASSWORD || '\1blue42sky\2';" },
	{ "password", "$password = '\1blue42sky\2';" },
	{ "password", "'password' => '\1blue42sky\2'," },
	{ "password", "define('DB_PASSWORD', '\1blue42sky\2');" },
	{ "password", "password <- \"\1blue42sky\2\"" },
	{ "password", "Dim password As String = \"\1blue42sky\2\"" },
	{ "password",
	    "public string Password { get; set; } = \"\1blue42sky\2\";" },
	{ "password", "std::string password{\"\1blue42sky\2\"};" },
	{ "password", "#define PASSWORD \"\1blue42sky\2\"" },
	{ "password", "PASSWORD = \"\"\"\1blue42sky\2\"\"\"" },
	{ "password", "<password>\1blue42sky\2</password>" },
	{ "password", "<add key=\"Password\" value=\"\1blue42sky\2\"/>" },
	{ "password", "- name: PASSWORD\n  value: \"\1blue42sky\2\"\n" },
	{ "password", "set_password(\"bob\", \"\1blue42sky\2\")" },
	{ "password", "smtp.login(\"bob@host.io\", \"\1blue42sky\2\")" },
	{ "password", "requests.get(u, auth=('bob', '\1blue42sky\2'))" },
	{ "api-key", "api_key = \"\1"
		     "9f86d081884c7d659a2feaa0c55ad015\2\"" },
	{ "api-key", "x.setApiKey(\"\1"
		     "Zk3vP9qLw2XnB7tRy5Hc\2\");" },
	{ "secret", "client_secret: '\1"
		    "Zk3vP9qLw2XnB7tRy5Hc\2'" },
	{ "secret", "SECRET=\1"
		    "Zk3vP9qLw2XnB7tRy5Hc\2\n" },
	{ "token", "\"access_token\" : \"\1"
		   "Zk3vP9qLw2XnB7tRy5Hc\2\"" },
	{ "token", "const token = `\1"
		   "Zk3vP9qLw2XnB7tRy5Hc\2`;" },
	{ "heroku-key", "HEROKU_API_KEY=\1"
			"0b8c9b0e-6a5f-4d0c-9a1e-2f7c3d4e5a6b\2" },
	{ "aws-secret", "aws_secret_access_key = \1"
			"x9Qw3rT7yUiOpAsDfGhJkLzXcVbNm/18264057bQ\2\n" },
	/* shells, settings, commands */
	{ "password", "export DB_PASSWORD=\1blue42sky\2\n" },
	{ "password", "PGPASSWORD=\1blue42sky\2 psql -h h" },
	{ "password", "ENV PASSWORD=\1blue42sky\2\n" },
	{ "password", "env:\n  DB_PASSWORD: \1blue-river-4242\2\n" },
	{ "password", "tool --password \1blue42sky\2 -v" },
	{ "password", "curl -u bob:\1blue42sky\2 https://h.io" },
	{ "password", "mysql -u root -p\1blue42sky\2 db" },
	{ "password", "machine h.io login bob password \1blue42sky\2\n" },
	{ "password", "CREATE USER bob WITH PASSWORD '\1blue42sky\2';" },
	{ "password", "IDENTIFIED BY '\1blue42sky\2'" },
	/* addresses, connection strings, headers */
	{ "url-password", "postgres://app:\1blue42sky\2@db.io:5432/x" },
	{ "url-password", "redis://:\1blue42sky\2@cache:6379/0" },
	{ "connection-password", "\"Server=x;Uid=sa;Pwd=\1blue42sky\2;\"" },
	{ "connection-password",
	    "jdbc:mysql://h/x?user=a&password=\1blue42sky\2&b=1" },
	{ "azure-key", "AccountName=x;AccountKey=\1"
		       "q83vEjRWeJq83vEjRWeJqxI0VniavN7wEjRWeJq83vASNFZ4mrze8BI"
		       "0VniavN7wEjRWeJq83vASNFZ4mrze8A==\2;E" },
	{ "authorization", "{\"Authorization\": \"Bearer \1"
			   "Zk3vP9qLw2XnB7tRy5Hc\2\"}" },
	{ "authorization", "Authorization: Basic \1Ym9iOmJsdWU0MnNreQ==\2" },
	{ "docker-auth", "\"auth\": \"\1Ym9iOmJsdWU0MnNreQ==\2\"" },
	{ "slack-webhook", "https://hooks.slack.com/services/\1"
			   "T0A1B2C3D/B4E5F6G7H/Zk3vP9qLw2XnB7tRy5HcQ8aM\2" },
	{ "discord-webhook",
	    "https://discord.com/api/webhooks/\1"
	    "281736450918273645/"
	    "Zk3vP9qLw2XnB7tRy5HcZk3vP9qLw2XnB7tRy5HcQ8aMZk3vP9qLw2XnB7tR\2" },
	/* placeholders */
	{ NULL, "password = \"your-password\"" },
	{ NULL, "api_key = 'YOUR_API_KEY_GOES_HERE'" },
	{ NULL, "token = \"<token>\"" },
	{ NULL, "password: ${DB_PASSWORD}" },
	{ NULL, "password = \"$DB_PASSWORD1\"" },
	{ NULL, "secret: {{ vault_secret_1 }}" },
	{ NULL, "password = '%s' % secret1" },
	{ NULL, "password = os.environ['DB_PASSWORD1']" },
	{ NULL, "password = \"changeme\"" },
	{ NULL, "password = \"xxxxxxxx\"" },
	{ NULL, "password = '********'" },
	{ NULL, "password = \"password1\"" },
	{ NULL, "password = \"swordfish\"" },
	{ NULL, "key = \"AKIA"
		"IOSFODNN7EXAMPLE\"" },
	{ NULL, "token = \"0123456789abcdef0123456789abcdef\"" },
	{ NULL, "api_key = \"abcdefghijklmnopqrstuvwxyz0123456789\"" },
	{ NULL, "url = \"https://user:<password>@host\"" },
	{ NULL, "url = f\"redis://:{password}@host\"" },
	{ NULL, "curl -u \"$USER:$PASS\" h.io" },
	{ NULL, "api_key = \"<redacted:api-key>\"" },
	{ NULL, "PASSWORD=<redacted:password>\n" },
	/* hashes, public things, names */
	{ NULL, "sha256 = "
		"\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f0"
		"0a08\"" },
	{ NULL, "id = \"0b8c9b0e-6a5f-4d0c-9a1e-2f7c3d4e5a6b\"" },
	{ NULL, "integrity=\"sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/"
		"uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC\"" },
	{ NULL, "password_hash = "
		"\"$2b$12$"
		"EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW\"" },
	{ NULL, "-----BEGIN PUBLIC KEY-----\n" PUBLIC
		"\n-----END PUBLIC KEY-----" },
	{ NULL, "-----BEGIN CERTIFICATE-----\n" PUBLIC
		"\n-----END CERTIFICATE-----" },
	{ NULL,
	    "const TOKEN_TYPE = \"urn:ietf:params:oauth:token-type:jwt\";" },
	{ NULL, "let token: Token = lexer.next_token2();" },
	{ NULL, "password: Option<String>,\n" },
	{ NULL, "password = generate_password2(16)\n" },
	{ NULL, "<input type=\"password\" name=\"password2\">" },
	{ NULL, "token_url = \"https://host.io/oauth2/token\"" },
	{ NULL, "raise Error(\"password must have 8 characters\")" },
	{ NULL, "Authorization: Basic authentication" },
	{ NULL, "PATTERN = r\"ghp_[A-Za-z0-9]{36}\"" },
	{ NULL,
	    "public_key = \"q83vEjRWeJq83vEjRWeJqxI0VniavN7wEjRWeJq83vA=\"" },
};

/* Keys, and what becomes of them. */
static const struct row keys[] = {
	{ "-----BEGIN RSA PRIVATE KEY-----\n" B64 "\n" B64 "\nQw==\n"
	  "-----END RSA PRIVATE KEY-----\n",
	    "-----BEGIN RSA PRIVATE KEY-----\n<redacted:private-key>\n\n\n"
	    "-----END RSA PRIVATE KEY-----\n" },
	{ "k = \"-----BEGIN PRIVATE KEY-----\\n" B64 "\\n" B64
	  "\\n-----END PRIVATE KEY-----\\n\"",
	    "k = \"-----BEGIN PRIVATE KEY-----\\n<redacted:private-key>"
	    "\\n-----END PRIVATE KEY-----\\n\"" },
	{ "k = \"-----BEGIN EC PRIVATE KEY-----\\n\" +\n  \"" B64
	  "\\n\" +\n  \"" B64 "\\n\" +\n  \"-----END EC PRIVATE KEY-----\";",
	    "k = \"-----BEGIN EC PRIVATE KEY-----\\n\" +\n  \""
	    "<redacted:private-key>\" +\n  \"\\n\" +\n  "
	    "\"-----END EC PRIVATE KEY-----\";" },
	{ "Private-Lines: 1\n" B64 "\nPrivate-MAC: 00",
	    "Private-Lines: 1\n<redacted:private-key>\nPrivate-MAC: 00" },
	{ "-----BEGIN OPENSSH PRIVATE KEY-----\n" B64 "\n" B64 "\n",
	    "-----BEGIN OPENSSH PRIVATE KEY-----\n<redacted:private-key>\n\n" },
	{ "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
	    NULL },
	{ "raise Error(\"no BEGIN PRIVATE KEY----- in file\")", NULL },
};

static void
test_tokens(struct redact *r)
{
	const struct redact_found *found;
	struct buf b = { 0 };
	size_t i, n;

	for (i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		b.n = 0;
		buf_fmt(&b, "x(\"%s\", 1)", tokens[i].text);
		n = redact_find(r, buf_span(&b), &found);
		is_int(n, 1, "one secret is found: %s", tokens[i].kind);
		if (n == 1)
			is_str(redact_kind(r, found->kind), tokens[i].kind,
			    "a token of %s has its kind", tokens[i].kind);
		ok(n == 1 && found->end == b.n - 5,
		    "a token of %s is found to its end", tokens[i].kind);
	}
	buf_free(&b);
}

static void
test_rows(struct redact *r)
{
	struct buf in = { 0 }, want = { 0 }, got = { 0 };
	const char *c;
	size_t i, n;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		int within = 0;

		in.n = want.n = got.n = 0;
		for (c = rows[i].text; *c != '\0'; c++) {
			if (*c == '\1')
				buf_fmt(&want, "<redacted:%s>", rows[i].kind);
			if (*c == '\1' || *c == '\2') {
				within = *c == '\1';
				continue;
			}
			buf_addc(&in, *c);
			if (!within)
				buf_addc(&want, *c);
		}
		n = redact_text(r, buf_span(&in), &got);
		is_int(n, rows[i].kind != NULL, "row %zu has its secret", i);
		if (n > 0)
			is_span(buf_span(&got), buf_span(&want),
			    "row %zu is redacted", i);
	}
	buf_free(&in);
	buf_free(&want);
	buf_free(&got);
}

static void
test_keys(struct redact *r)
{
	struct buf got = { 0 };
	size_t i, n;

	for (i = 0; i < sizeof keys / sizeof *keys; i++) {
		got.n = 0;
		n = redact_text(r, span_of(keys[i].kind), &got);
		is_int(n, keys[i].text != NULL, "key %zu is found", i);
		if (n > 0)
			is_str(buf_cstr(&got), keys[i].text,
			    "key %zu is redacted", i);
	}
	buf_free(&got);
}

/* The file of a key in base64, which is longer than a pattern sees. */
static void
test_encoded(struct redact *r)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	struct buf in = { 0 }, got = { 0 };
	unsigned draw = 12;
	size_t i;

	buf_adds(&in, "client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVk");
	for (i = 0; i < 6000; i++) {
		draw = draw * 1103515245 + 12345;
		buf_addc(&in, digits[(draw >> 16) % (sizeof digits - 1)]);
	}
	buf_adds(&in, "==\nname: x\n");
	is_int(redact_text(r, buf_span(&in), &got), 1,
	    "a private key in base64 is found");
	is_str(buf_cstr(&got),
	    "client-key-data: <redacted:private-key>\nname: x\n",
	    "a private key in base64 is found to its end");
	buf_free(&in);
	buf_free(&got);
}

static void
test_counts(void)
{
	struct redact *r = redact_new();
	struct buf out = { 0 };

	redact_summary(r, "redacted", &out);
	is_int(out.n, 0, "no secret gives no summary");
	redact_text(r, span_of("pwd = 'blue42sky'"), &out);
	out.n = 0;
	redact_summary(r, "found", &out);
	is_str(buf_cstr(&out), "1 secret found: 1 password",
	    "one secret is counted");
	redact_text(r,
	    span_of("pwd = 'blue43sky'\n\"auth\": \"Ym9iOmJsdWU0MnNreQ==\""),
	    &out);
	out.n = 0;
	redact_summary(r, "redacted", &out);
	is_str(buf_cstr(&out), "3 secrets redacted: 2 password, 1 docker-auth",
	    "the commonest kind comes first");
	buf_free(&out);
	redact_free(r);
}

/* Texts that make a careless pattern slow. */
static void
test_hostile(struct redact *r)
{
	static const char *const pieces[] = { "a", "\"", "=", "\\",
		"password=", "password=\"", "_key_", "sk-proj-", "xoxb-", "eyJ",
		"://a:b", "-----BEGIN PRIVATE KEY-----", "pass", "token(" };
	const struct redact_found *found;
	struct buf b = { 0 };
	size_t i;

	cpu_limit(20);
	for (i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		b.n = 0;
		while (b.n < 200000)
			buf_adds(&b, pieces[i]);
		redact_find(r, buf_span(&b), &found);
		ok(1, "a line of \"%s\" takes no time", pieces[i]);
	}
	cpu_limit(0);
	buf_free(&b);
}

int
main(void)
{
	struct redact *r = redact_new();
	const char *wrong = redact_check(r);

	ok(wrong == NULL, "every pattern compiles: %s", wrong ? wrong : "yes");
	test_tokens(r);
	test_rows(r);
	test_keys(r);
	test_encoded(r);
	test_counts();
	test_hostile(r);
	redact_free(r);
	return done();
}

/* refusal: bodies as servers were seen to send them */
#include "llm/refusal.h"

#include "base/delay.h"
#include "tap.h"

static const struct {
	const char *who;
	long status;
	const char *body, *code;
	enum refusal_end end;
	long context_max, cap_max;
} errors[] = {
	{ "OpenAI, key", 401,
	    "{\"error\":{\"message\":\"Incorrect API key provided: "
	    "sk-***\",\"type\":\"invalid_request_error\",\"param\":null,"
	    "\"code\":\"invalid_api_key\"}}",
	    "unauthorised", REFUSAL_SERVICE, 0, 0 },
	{ "OpenAI, quota", 429,
	    "{\"error\":{\"message\":\"You exceeded your current quota\","
	    "\"type\":\"insufficient_quota\",\"param\":null,\"code\":"
	    "\"insufficient_quota\"}}",
	    "out_of_quota", REFUSAL_SERVICE, 0, 0 },
	{ "OpenAI, rate", 429,
	    "{\"error\":{\"message\":\"Rate limit reached for "
	    "gpt-4o\",\"type\":"
	    "\"requests\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}",
	    "rate_limited", REFUSAL_RETRY, 0, 0 },
	{ "OpenAI, overflow", 400,
	    "{\"error\":{\"message\":\"This model's maximum context length is "
	    "16385 tokens. However, you requested 20000 tokens (12000 in the "
	    "messages, 8000 in the completion).\",\"type\":"
	    "\"invalid_request_error\",\"param\":\"messages\",\"code\":"
	    "\"context_length_exceeded\"}}",
	    "context_overflow", REFUSAL_RECORD, 16385, 0 },
	{ "OpenAI, cap", 400,
	    "{\"error\":{\"message\":\"max_tokens is too large: 100000. This "
	    "model supports at most 16384 completion tokens, whereas you "
	    "provided "
	    "100000.\",\"type\":\"invalid_request_error\",\"param\":"
	    "\"max_tokens\",\"code\":\"invalid_value\"}}",
	    "bad_request", REFUSAL_RECORD, 0, 16384 },
	{ "OpenAI, argument", 400,
	    "{\"error\":{\"message\":\"Unrecognized request argument supplied: "
	    "repetition_penalty\",\"type\":\"invalid_request_error\",\"param\":"
	    "null,\"code\":null}}",
	    "bad_request", REFUSAL_RECORD, 0, 0 },
	{ "OpenAI, server", 500,
	    "{\"error\":{\"message\":\"The server had an error\",\"type\":"
	    "\"server_error\",\"param\":null,\"code\":null}}",
	    "server_error", REFUSAL_RETRY, 0, 0 },
	{ "Azure, filter", 400,
	    "{\"error\":{\"message\":\"The response was filtered due to the "
	    "prompt\",\"type\":null,\"param\":\"prompt\",\"code\":"
	    "\"content_filter\",\"status\":400,\"innererror\":{\"code\":"
	    "\"ResponsibleAIPolicyViolation\",\"content_filter_result\":{}}}}",
	    "content_filter", REFUSAL_RECORD, 0, 0 },
	{ "Azure, key", 401,
	    "{\"statusCode\":401,\"message\":\"Unauthorized. Access token is "
	    "missing\"}",
	    "unauthorised", REFUSAL_SERVICE, 0, 0 },
	{ "Azure, deployment", 404,
	    "{\"error\":{\"code\":\"DeploymentNotFound\",\"message\":\"The API "
	    "deployment for this resource does not exist.\"}}",
	    "not_found", REFUSAL_SERVICE, 0, 0 },
	{ "vLLM, cap", 400,
	    "{\"error\":{\"message\":\"'max_tokens' or 'max_completion_tokens' "
	    "is too large: 8192. This model's maximum context length is 4096 "
	    "tokens and your request has 35 input tokens (8192 > 4096 - 35).\","
	    "\"type\":\"BadRequestError\",\"param\":null,\"code\":400}}",
	    "context_overflow", REFUSAL_RECORD, 4096, 0 },
	{ "vLLM, busy", 503,
	    "{\"error\":{\"message\":\"busy\",\"type\":"
	    "\"ServiceUnavailableError\",\"code\":503}}",
	    "server_error", REFUSAL_RETRY, 0, 0 },
	{ "vLLM, greedy n", 400,
	    "{\"object\":\"error\",\"message\":\"n must be 1 when using greedy "
	    "sampling, got 7.\",\"type\":\"BadRequestError\",\"param\":null,"
	    "\"code\":400}",
	    "bad_request", REFUSAL_RECORD, 0, 0 },
	{ "SGLang, overflow", 400,
	    "{\"object\":\"error\",\"message\":\"The input (90000 tokens) is "
	    "longer than the model's context length (32768 tokens).\",\"type\":"
	    "\"BadRequestError\",\"param\":null,\"code\":400}",
	    "context_overflow", REFUSAL_RECORD, 32768, 0 },
	{ "llama.cpp, overflow", 400,
	    "{\"error\":{\"code\":400,\"message\":\"the request exceeds the "
	    "available context size, try increasing it\",\"type\":"
	    "\"exceed_context_size_error\",\"n_prompt_tokens\":9000,\"n_ctx\":"
	    "4096}}",
	    "context_overflow", REFUSAL_RECORD, 4096, 0 },
	{ "llama.cpp, loading", 503,
	    "{\"error\":{\"message\":\"Loading model\",\"type\":"
	    "\"unavailable_error\",\"code\":503}}",
	    "server_error", REFUSAL_RETRY, 0, 0 },
	{ "Ollama, model", 404,
	    "{\"error\":{\"message\":\"model 'x' not found\",\"type\":"
	    "\"not_found_error\",\"param\":null,\"code\":null}}",
	    "not_found", REFUSAL_SERVICE, 0, 0 },
	{ "FastAPI", 422, "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"x\"}]}",
	    "bad_request", REFUSAL_RECORD, 0, 0 },
	{ "a gateway", 502, "<html><h1>502 Bad Gateway</h1></html>",
	    "server_error", REFUSAL_RETRY, 0, 0 },
	{ "moderation", 403,
	    "{\"error\":{\"message\":\"Your input was flagged\",\"code\":403}}",
	    "content_filter", REFUSAL_RECORD, 0, 0 },
	{ "no money", 402, "{\"error\":{\"message\":\"Insufficient Balance\"}}",
	    "out_of_quota", REFUSAL_SERVICE, 0, 0 },
	{ "too large", 413, "", "request_too_large", REFUSAL_RECORD, 0, 0 },
	{ "redirection", 308, "", "redirected", REFUSAL_SERVICE, 0, 0 },
	{ "timeout", 408, "", "timeout", REFUSAL_RETRY, 0, 0 },
	{ "conflict", 409, "", "server_error", REFUSAL_RETRY, 0, 0 },
	{ "odd error", 400, "{\"error\":\"plain\"}", "bad_request",
	    REFUSAL_RECORD, 0, 0 },
	/* openai cookbook, how to handle rate limits */
	{ "OpenAI, more than a minute's", 429,
	    "{\"error\":{\"message\":\"Request too large for gpt-4o in "
	    "organization org-x on tokens per min (TPM): Limit 30000, "
	    "Requested "
	    "40000.\",\"type\":\"tokens\",\"param\":null,\"code\":"
	    "\"rate_limit_exceeded\"}}",
	    "request_too_large", REFUSAL_RECORD, 0, 0 },
	{ "OpenAI, input over the limit", 400,
	    "{\"error\":{\"message\":\"Input tokens exceed the configured "
	    "limit "
	    "of 272000 tokens. Your messages resulted in 300000 tokens.\","
	    "\"type\":\"invalid_request_error\",\"param\":\"messages\","
	    "\"code\":\"context_length_exceeded\"}}",
	    "context_overflow", REFUSAL_RECORD, 272000, 0 },
	/* vllm renderers/params.py, entrypoints/openai/serving_engine.py */
	{ "vLLM, prompt", 400,
	    "{\"error\":{\"message\":\"You passed 5000 input tokens and "
	    "requested 0 output tokens. However, the model's context length is "
	    "only 4096 tokens, resulting in a maximum input length of 4096 "
	    "tokens.\",\"type\":\"BadRequestError\",\"param\":\"input_tokens"
	    "\",\"code\":400}}",
	    "context_overflow", REFUSAL_RECORD, 4096, 0 },
	{ "vLLM, decoder prompt", 400,
	    "{\"object\":\"error\",\"message\":\"The decoder prompt (length "
	    "5000) is longer than the maximum model length of 4096.\",\"type\":"
	    "\"BadRequestError\",\"param\":null,\"code\":400}",
	    "context_overflow", REFUSAL_RECORD, 4096, 0 },
	/* anomalyco/opencode#25230 */
	{ "SGLang, both", 400,
	    "{\"object\":\"error\",\"message\":\"Requested token count exceeds "
	    "the model's maximum context length of 202752 tokens. You "
	    "requested "
	    "a total of 202941 tokens: 170941 tokens from the input messages "
	    "and "
	    "32000 tokens for the completion.\",\"type\":\"BadRequestError\","
	    "\"param\":null,\"code\":400}",
	    "context_overflow", REFUSAL_RECORD, 202752, 0 },
	/* ggml-org/llama.cpp#15780: 500 to begin with */
	{ "llama.cpp, once", 500,
	    "{\"error\":{\"code\":500,\"message\":\"the request exceeds the "
	    "available context size. try increasing the context size or enable "
	    "context shift\",\"type\":\"exceed_context_size_error\","
	    "\"n_prompt_tokens\":1407,\"n_ctx\":256}}",
	    "context_overflow", REFUSAL_RECORD, 256, 0 },
	{ "Ollama, busy", 503,
	    "{\"error\":{\"message\":\"server busy, please try again.  maximum "
	    "pending requests exceeded\",\"type\":\"api_error\",\"param\":null,"
	    "\"code\":null}}",
	    "server_error", REFUSAL_RETRY, 0, 0 },
	{ "Anthropic, prompt", 400,
	    "{\"error\":{\"code\":\"invalid_request_error\",\"message\":"
	    "\"prompt is too long: 208310 tokens > 200000 maximum\"}}",
	    "context_overflow", REFUSAL_RECORD, 200000, 0 },
	/* openrouter docs, errors: a 200 that is none; and one it tells of */
	{ "a gateway's 429 in a 200", 200,
	    "{\"error\":{\"message\":\"Rate limit exceeded\",\"code\":429}}",
	    "rate_limited", REFUSAL_RETRY, 0, 0 },
	{ "a gateway's 402 in a 200", 200,
	    "{\"error\":{\"message\":\"Insufficient credits\",\"code\":\"402\""
	    "}}",
	    "out_of_quota", REFUSAL_SERVICE, 0, 0 },
	{ "no status at all in a 200", 200, "{\"error\":{\"code\":7}}",
	    "server_error", REFUSAL_RETRY, 0, 0 },
	{ "billing", 429,
	    "{\"error\":{\"message\":\"Your account is not active\",\"type\":"
	    "\"billing_not_active\",\"param\":null,\"code\":"
	    "\"billing_not_active\"}}",
	    "out_of_quota", REFUSAL_SERVICE, 0, 0 },
	/*
	 * What concerns all requests, told by status 400 and others:
	 * i-am-bee/beeai-framework#447, savvagent/light-factory#59,
	 * BerriAI/litellm#3142, ollama/ollama, ggml-org/llama.cpp, and the
	 * pages of each service on its errors.
	 */
	{ "Gemini, key", 400,
	    "[{\"error\":{\"code\":400,\"message\":\"API key not valid. Please "
	    "pass a valid API key.\",\"status\":\"INVALID_ARGUMENT\"}}]",
	    "unauthorised", REFUSAL_SERVICE, 0, 0 },
	{ "Gemini, expired key", 400,
	    "[{\"error\":{\"code\":400,\"message\":\"API key expired. Please "
	    "renew the API key.\",\"status\":\"INVALID_ARGUMENT\"}}]",
	    "unauthorised", REFUSAL_SERVICE, 0, 0 },
	{ "Gemini, country", 400,
	    "[{\"error\":{\"code\":400,\"message\":\"User location is not "
	    "supported for the API "
	    "use.\",\"status\":\"FAILED_PRECONDITION\"}}]",
	    "unauthorised", REFUSAL_SERVICE, 0, 0 },
	{ "xAI, key", 400,
	    "{\"code\":\"Client specified an invalid "
	    "argument\",\"error\":\"Incorrect API key provided: xx***xx.\"}",
	    "unauthorised", REFUSAL_SERVICE, 0, 0 },
	{ "LiteLLM, key", 400,
	    "{\"error\":{\"message\":\"No connected "
	    "db.\",\"type\":\"no_db_connection\",\"param\":null,\"code\":"
	    "\"400\"}}",
	    "unauthorised", REFUSAL_SERVICE, 0, 0 },
	{ "New API, key", 400,
	    "{\"error\":{\"message\":"
	    "\"\xe6\x97\xa0\xe6\x95\x88\xe7\x9a\x84\xe4\xbb\xa4\xe7\x89\x8c\","
	    "\"type\":\"new_api_error\"}}",
	    "unauthorised", REFUSAL_SERVICE, 0, 0 },
	{ "LiteLLM, model", 400,
	    "{\"error\":{\"message\":\"Invalid model name passed in model=m. "
	    "Call `/v1/models` to view available models for your "
	    "key.\",\"type\":\"None\",\"param\":\"None\",\"code\":\"400\"}}",
	    "not_found", REFUSAL_SERVICE, 0, 0 },
	{ "DeepSeek, model", 400,
	    "{\"error\":{\"message\":\"Model Not "
	    "Exist\",\"type\":\"invalid_request_error\",\"param\":null,"
	    "\"code\":\"invalid_request_error\"}}",
	    "not_found", REFUSAL_SERVICE, 0, 0 },
	{ "OpenRouter, model", 400,
	    "{\"error\":{\"message\":\"no/such is not a valid model "
	    "ID\",\"code\":400}}",
	    "not_found", REFUSAL_SERVICE, 0, 0 },
	{ "Mistral, model", 400,
	    "{\"object\":\"error\",\"message\":\"Invalid model: "
	    "foo\",\"type\":\"invalid_model\",\"param\":null,\"code\":"
	    "\"1500\"}",
	    "not_found", REFUSAL_SERVICE, 0, 0 },
	{ "vLLM, model", 404,
	    "{\"object\":\"error\",\"message\":\"The model `x` does not "
	    "exist.\",\"type\":\"NotFoundError\",\"param\":null,\"code\":404}",
	    "not_found", REFUSAL_SERVICE, 0, 0 },
	{ "Groq, old model", 400,
	    "{\"error\":{\"message\":\"The model `mixtral-8x7b-32768` has been "
	    "decommissioned and is no longer "
	    "supported.\",\"code\":\"model_decommissioned\"}}",
	    "not_found", REFUSAL_SERVICE, 0, 0 },
	{ "Bedrock, model", 400,
	    "{\"message\":\"The provided model identifier is invalid.\"}",
	    "not_found", REFUSAL_SERVICE, 0, 0 },
	{ "LM Studio, no model", 400,
	    "{\"error\":{\"message\":\"No models loaded. Please load a model "
	    "in the developer page or use the 'lms load' command.\"}}",
	    "not_found", REFUSAL_SERVICE, 0, 0 },
	{ "OpenAI, project", 403,
	    "{\"error\":{\"message\":\"Project `p` does not have access to "
	    "model "
	    "`gpt-4o`\",\"type\":\"invalid_request_error\",\"param\":null,"
	    "\"code\":\"model_not_found\"}}",
	    "not_found", REFUSAL_SERVICE, 0, 0 },
	{ "New API, channel in Chinese", 503,
	    "{\"error\":{\"message\":\"m "
	    "\xe6\x97\xa0\xe5\x8f\xaf\xe7\x94\xa8\xe6\xb8\xa0\xe9\x81\x93\"}}",
	    "not_found", REFUSAL_SERVICE, 0, 0 },
	{ "New API, used up", 429,
	    "{\"error\":{\"message\":"
	    "\"\xe9\xa2\x9d\xe5\xba\xa6\xe5\xb7\xb2\xe7\x94\xa8\xe5\xb0\xbd\"}"
	    "}",
	    "out_of_quota", REFUSAL_SERVICE, 0, 0 },
	{ "New API, key of its own as 500", 500,
	    "{\"error\":{\"message\":\"Incorrect API key provided: sk-x. "
	    "(request id: 7)\",\"type\":\"new_api_error\"}}",
	    "unauthorised", REFUSAL_SERVICE, 0, 0 },
	{ "Bedrock's gateway, key as 500", 500,
	    "{\"detail\":\"An error occurred (UnrecognizedClientException) "
	    "when calling the Converse operation: The security token included "
	    "in the request is invalid.\"}",
	    "unauthorised", REFUSAL_SERVICE, 0, 0 },
	{ "Bedrock, expired", 400,
	    "{\"message\":\"The security token included in the request is "
	    "expired\"}",
	    "unauthorised", REFUSAL_SERVICE, 0, 0 },
	{ "Anthropic, organisation", 400,
	    "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
	    "\"message\":\"This organization has been disabled.\"}}",
	    "unauthorised", REFUSAL_SERVICE, 0, 0 },
	{ "Anthropic, limit of the account", 400,
	    "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
	    "\"message\":\"You have reached your specified API usage "
	    "limits.\"}}",
	    "out_of_quota", REFUSAL_SERVICE, 0, 0 },
	{ "Fireworks, suspended", 412,
	    "{\"error\":{\"message\":\"Account x is suspended\"}}",
	    "unauthorised", REFUSAL_SERVICE, 0, 0 },
	{ "a server's own trouble", 500,
	    "{\"error\":{\"message\":\"the authentication service is "
	    "away\"}}",
	    "server_error", REFUSAL_RETRY, 0, 0 },
	{ "New API, channel", 503,
	    "{\"error\":{\"code\":\"model_not_found\",\"message\":\"No "
	    "available channel for model x under group default\"}}",
	    "not_found", REFUSAL_SERVICE, 0, 0 },
	{ "Ollama, no chat", 400,
	    "{\"error\":{\"message\":\"\\\"all-minilm\\\" does not support "
	    "chat\",\"type\":\"api_error\",\"param\":null,\"code\":null}}",
	    "no_chat", REFUSAL_SERVICE, 0, 0 },
	{ "OpenAI, no chat", 404,
	    "{\"error\":{\"message\":\"This is not a chat model and thus not "
	    "supported in the v1/chat/completions endpoint. Did you mean to "
	    "use "
	    "v1/"
	    "completions?\",\"type\":\"invalid_request_error\",\"param\":"
	    "\"model\",\"code\":null}}",
	    "no_chat", REFUSAL_SERVICE, 0, 0 },
	{ "Azure, no chat", 400,
	    "{\"error\":{\"code\":\"OperationNotSupported\",\"message\":\"The "
	    "chatCompletion operation does not work with the specified model, "
	    "text-embedding-ada-002.\"}}",
	    "no_chat", REFUSAL_SERVICE, 0, 0 },
	{ "llama.cpp, embeddings", 501,
	    "{\"error\":{\"code\":501,\"message\":\"This server does not "
	    "support completions. Start it without "
	    "`--embeddings`\",\"type\":\"not_supported_error\"}}",
	    "no_chat", REFUSAL_SERVICE, 0, 0 },
	{ "vLLM, template", 400,
	    "{\"object\":\"error\",\"message\":\"As of transformers v4.44, "
	    "default chat template is no longer allowed, so you must provide a "
	    "chat "
	    "template\",\"type\":\"BadRequestError\",\"param\":null,\"code\":"
	    "400}",
	    "no_chat", REFUSAL_SERVICE, 0, 0 },
	{ "llama.cpp, no scores", 501,
	    "{\"error\":{\"code\":501,\"message\":\"This server does not "
	    "support reranking. Start it with "
	    "`--reranking`\",\"type\":\"not_supported_error\"}}",
	    "no_scores", REFUSAL_SERVICE, 0, 0 },
	{ "vLLM, no scores", 400,
	    "{\"object\":\"error\",\"message\":\"The model does not support "
	    "Rerank (Score) API\",\"type\":\"BadRequestError\",\"param\":null,"
	    "\"code\":400}",
	    "no_scores", REFUSAL_SERVICE, 0, 0 },
	{ "TEI, no scores", 424,
	    "{\"error\":\"model is not a re-ranker model\",\"error_type\":"
	    "\"backend\"}",
	    "no_scores", REFUSAL_SERVICE, 0, 0 },
	{ "TEI, texts", 422,
	    "{\"error\":\"batch size 61 > maximum allowed batch size 32\","
	    "\"error_type\":\"Validation\"}",
	    "request_too_large", REFUSAL_RECORD, 0, 0 },
	{ "DashScope, debt", 400,
	    "{\"error\":{\"code\":\"Arrearage\",\"message\":\"Access denied, "
	    "please make sure your account is in good "
	    "standing.\",\"type\":\"Arrearage\"}}",
	    "out_of_quota", REFUSAL_SERVICE, 0, 0 },
	{ "Anthropic, credit", 400,
	    "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
	    "\"message\":\"Your credit balance is too low to access the "
	    "Anthropic API.\"}}",
	    "out_of_quota", REFUSAL_SERVICE, 0, 0 },
	{ "LiteLLM, budget", 400,
	    "{\"error\":{\"message\":\"Budget has been exceeded! Current cost: "
	    "10.2, Max budget: "
	    "10.0\",\"type\":\"budget_exceeded\",\"param\":null,\"code\":"
	    "\"400\"}}",
	    "out_of_quota", REFUSAL_SERVICE, 0, 0 },
	{ "Zhipu, money as 429", 429,
	    "{\"error\":{\"code\":\"1113\",\"message\":\"Insufficient balance "
	    "or no resource package. Please recharge.\"}}",
	    "out_of_quota", REFUSAL_SERVICE, 0, 0 },
	{ "xAI, money as 429", 429,
	    "{\"code\":\"Some resource has been exhausted\",\"error\":\"Your "
	    "team t has either used all available credits or reached its "
	    "monthly spending limit.\"}",
	    "out_of_quota", REFUSAL_SERVICE, 0, 0 },
	{ "OpenAI behind LiteLLM, money as 429", 429,
	    "{\"error\":{\"message\":\"litellm.RateLimitError: OpenAIException "
	    "- You exceeded your current quota, please check your plan and "
	    "billing "
	    "details.\",\"type\":\"throttling_error\",\"param\":null,\"code\":"
	    "\"429\"}}",
	    "out_of_quota", REFUSAL_SERVICE, 0, 0 },
	{ "MiniMax, money in a 200", 200,
	    "{\"base_resp\":{\"status_code\":1008,\"status_msg\":"
	    "\"insufficient balance\"}}",
	    "out_of_quota", REFUSAL_SERVICE, 0, 0 },
	{ "Gemini, a minute's quota", 429,
	    "[{\"error\":{\"code\":429,\"message\":\"You exceeded your current "
	    "quota, please check your plan and billing details. Please retry "
	    "in 20.04466179s.\",\"status\":\"RESOURCE_EXHAUSTED\"}}]",
	    "rate_limited", REFUSAL_RETRY, 0, 0 },
	{ "Gemini, no free tier", 429,
	    "[{\"error\":{\"code\":429,\"message\":\"Quota exceeded for "
	    "metric: free_tier_requests, limit: 0, model: gemini-2.5-pro. "
	    "Please retry in 20s.\"}}]",
	    "out_of_quota", REFUSAL_SERVICE, 0, 0 },
	{ "LiteLLM, cooldown", 429,
	    "{\"error\":{\"message\":\"No deployments available for selected "
	    "model, Try again in 60 seconds. Passed "
	    "model=x\",\"type\":\"None\",\"code\":\"429\"}}",
	    "rate_limited", REFUSAL_RETRY, 0, 0 },
	{ "DeepSeek, filter", 400,
	    "{\"error\":{\"message\":\"Content Exists "
	    "Risk\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":"
	    "\"invalid_request_error\"}}",
	    "content_filter", REFUSAL_RECORD, 0, 0 },
	{ "Kimi, filter", 400,
	    "{\"error\":{\"message\":\"The request was rejected because it was "
	    "considered high risk\",\"type\":\"content_filter\"}}",
	    "content_filter", REFUSAL_RECORD, 0, 0 },
	{ "OpenAI, prompt flagged", 400,
	    "{\"error\":{\"message\":\"Invalid prompt: your prompt was flagged "
	    "as potentially violating our usage "
	    "policy.\",\"type\":\"invalid_request_error\",\"param\":null,"
	    "\"code\":\"invalid_prompt\"}}",
	    "content_filter", REFUSAL_RECORD, 0, 0 },
	{ "a firewall", 403,
	    "<html><head><title>Request blocked</title></head></html>",
	    "unauthorised", REFUSAL_SERVICE, 0, 0 },
	{ "a model that loads", 503,
	    "{\"error\":\"Model x is currently "
	    "loading\",\"estimated_time\":20.0}",
	    "server_error", REFUSAL_RETRY, 0, 0 },
	{ "an argument of the model", 400,
	    "{\"error\":{\"message\":\"temperature must be between 0 and 2 for "
	    "this model\",\"type\":\"invalid_request_error\"}}",
	    "bad_request", REFUSAL_RECORD, 0, 0 },
};

/*
 * Refusals of a member of the request, and which it is. Sources: openai and
 * azure: microsoft/clarity-agent#59, OpenHands/OpenHands#6777,
 * owndev/Open-WebUI-Functions#98, 567-labs/instructor#155; vLLM before 0.6:
 * 1Panel-dev/MaxKB#2912; Mistral: nomtek/mistralai_client_dart#44 and
 * partITech/php-mistral#76; NIM: NVIDIA/garak#748; Gemini:
 * MinLL/SkyrimNet-GamePlugin#77; Kimi: XCNXNXNX/dsh-portable-tavern#1.
 */
static const struct {
	const char *who, *body, *culprit;
} members[] = {
	{ "OpenAI, cap",
	    "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens' is "
	    "not supported with this model. Use 'max_completion_tokens' "
	    "instead.\",\"type\":\"invalid_request_error\",\"param\":"
	    "\"max_tokens\",\"code\":\"unsupported_parameter\"}}",
	    "max_tokens" },
	{ "OpenAI, temperature",
	    "{\"error\":{\"message\":\"Unsupported value: 'temperature' does "
	    "not "
	    "support 0.01 with this model. Only the default (1) value is "
	    "supported.\",\"type\":\"invalid_request_error\",\"param\":"
	    "\"temperature\",\"code\":\"unsupported_value\"}}",
	    "temperature" },
	{ "OpenAI, argument",
	    "{\"error\":{\"message\":\"Unrecognized request argument supplied: "
	    "repetition_penalty\",\"type\":\"invalid_request_error\",\"param\":"
	    "null,\"code\":null}}",
	    "repetition_penalty" },
	{ "OpenAI, schema",
	    "{\"error\":{\"message\":\"Invalid parameter: 'response_format' of "
	    "type 'json_schema' is not supported with this model.\",\"type\":"
	    "\"invalid_request_error\",\"param\":\"response_format.type\","
	    "\"code\":null}}",
	    "response_format" },
	{ "vLLM, pydantic as text",
	    "{\"object\":\"error\",\"message\":\"[{'type': 'extra_forbidden', "
	    "'loc': ('body', 'max_tokens'), 'msg': 'Extra inputs are not "
	    "permitted', 'input': 800}]\",\"type\":\"BadRequestError\","
	    "\"param\":null,\"code\":400}",
	    "max_tokens" },
	{ "Mistral",
	    "{\"object\":\"error\",\"message\":{\"detail\":[{\"type\":"
	    "\"extra_forbidden\",\"loc\":[\"body\",\"top_p\"],\"msg\":\"Extra "
	    "inputs are not permitted\",\"input\":1}]},\"type\":"
	    "\"invalid_request_error\",\"param\":null,\"code\":null}",
	    "top_p" },
	{ "Mistral, lately",
	    "{\"object\":\"Error\",\"detail\":[{\"type\":\"extra_forbidden\","
	    "\"loc\":[\"body\",\"seed\"],\"msg\":\"Extra inputs are not "
	    "permitted\",\"input\":[]}],\"message\":[{\"type\":"
	    "\"extra_forbidden\",\"loc\":[\"body\",\"seed\"],\"msg\":\"Extra "
	    "inputs are not permitted\",\"input\":[]}],\"type\":"
	    "\"invalid_request_error\",\"code\":3001}",
	    "seed" },
	{ "FastAPI",
	    "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\","
	    "\"top_p\"],\"msg\":\"Extra inputs are not permitted\"}]}",
	    "top_p" },
	{ "NIM",
	    "{\"type\":\"urn:inference-service:problem-details:unprocessable-"
	    "entity\",\"title\":\"Unprocessable Entity\",\"status\":422,"
	    "\"detail\":\"body -> top_p\\n  Extra inputs are not permitted "
	    "(type=extra_forbidden)\\nbody -> seed\\n  Extra inputs are not "
	    "permitted (type=extra_forbidden)\"}",
	    "top_p" },
	{ "Gemini",
	    "[{\"error\":{\"code\":400,\"message\":\"Invalid JSON payload "
	    "received. Unknown name \\\"seed\\\": Cannot find field.\","
	    "\"status\":\"INVALID_ARGUMENT\"}}]",
	    "seed" },
	{ "Kimi",
	    "{\"error\":{\"message\":\"invalid temperature: only 1 is allowed "
	    "for this model\",\"type\":\"invalid_request_error\"}}",
	    "temperature" },
	{ "Groq",
	    "{\"error\":{\"message\":\"property 'repetition_penalty' is "
	    "unsupported\",\"type\":\"invalid_request_error\"}}",
	    "repetition_penalty" },
	{ "Anthropic",
	    "{\"error\":{\"message\":\"`temperature` and `top_p` cannot both "
	    "be "
	    "specified for this model. Please use only one.\"}}",
	    "top_p" },
	{ "what was not sent",
	    "{\"error\":{\"message\":\"Unsupported parameter: "
	    "'foo'\",\"param\":"
	    "\"foo\"}}",
	    "" },
	{ "another's list",
	    "{\"error\":{\"message\":\"Unknown parameter 'top_k', supported "
	    "are "
	    "temperature, seed\"}}",
	    "top_k" },
	{ "a value, not the member",
	    "{\"error\":{\"message\":\"temperature must be between 0 and 2\","
	    "\"param\":\"temperature\"}}",
	    "" },
	{ "vLLM, greedy",
	    "{\"error\":{\"message\":\"n must be 1 when using greedy sampling, "
	    "got 7.\",\"code\":400}}",
	    "" },
	{ "a message, never dropped",
	    "{\"error\":{\"message\":\"Unsupported value\",\"param\":"
	    "\"messages[0].role\"}}",
	    "" },
	{ "part of a word",
	    "{\"error\":{\"message\":\"unknown max_tokens_x, xseed, "
	    "my_top_p\"}}",
	    "" },
	{ "no words", "{}", "" },
	{ "no JSON", "unsupported seed", "seed" },
};

/* Test the length of the prompt in messages about an overflow. */
static void
prompts(void)
{
	static const struct {
		const char *message;
		long prompt, context;
	} all[] = {
		{ "This model's maximum context length is 16385 tokens. "
		  "However, you requested 20000 tokens (12000 in the messages, "
		  "8000 in the completion).",
		    12000, 16385 },
		{ "This model's maximum context length is 16385 tokens. "
		  "However, your messages resulted in 20000 tokens.",
		    20000, 16385 },
		{ "'max_tokens' or 'max_completion_tokens' is too large: 8192. "
		  "This model's maximum context length is 4096 tokens and your "
		  "request has 35 input tokens (8192 > 4096 - 35).",
		    35, 4096 },
		{ "The input (90000 tokens) is longer than the model's context "
		  "length (32768 tokens).",
		    90000, 32768 },
		{ "Requested token count exceeds the model's maximum context "
		  "length of 202752 tokens. You requested a total of 202941 "
		  "tokens: 170941 tokens from the input messages and 32000 "
		  "tokens for the completion.",
		    170941, 202752 },
		{ "The decoder prompt (length 5000) is longer than the maximum "
		  "model length of 4096.",
		    5000, 4096 },
		{ "nothing of the kind", 0, 0 },
	};
	struct refusal e;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		refusal_read(400, span_of(all[i].message), &e);
		is_int(e.prompt, all[i].prompt, "the prompt is read from: %s",
		    all[i].message);
		is_int(e.context_max, all[i].context,
		    "the context is read from the same message");
	}
	refusal_read(
	    400, S("{\"error\":{\"n_prompt_tokens\":9,\"n_ctx\":4}}"), &e);
	ok(e.prompt == 9 && e.context_max == 4,
	    "prompt and context are read from llama.cpp's members");
}

/*
 * Refusals of a token limit, or of a prompt, and the numbers that are read.
 * Sources: vllm renderers/params.py and v1/engine/input_processor.py of 0.32,
 * vllm-project/vllm#20409 and #42474, agent0ai/agent-zero#1102,
 * nvidia-cosmos/cosmos-rl#403; sglang serving_chat.py, tokenizer_manager.py;
 * text-generation-inference router/src/validation.rs; lmdeploy
 * serve/core/async_engine.py; abetlen/llama-cpp-python#120;
 * lintsinghua/DeepAudit#211; kortix-ai/suna#172; refly-ai/refly#1177;
 * skapadia3214/groq-moa#8, anomalyco/opencode#1000; deepseek-ai/DeepSeek-V3#69;
 * stackblitz-labs/bolt.diy#955; google-gemini/gemini-cli#4692. Those of
 * Bedrock, Fireworks, Kimi, Cerebras, xAI, Mistral, GLM, DashScope and
 * TensorRT-LLM are as clients quote them.
 */
static const struct {
	const char *who, *body;
	long context, cap, prompt, least, total;
	int about_cap;
} caps[] = {
	{ "vLLM 0.32, cap",
	    "{\"error\":{\"message\":\"max_tokens=8192 cannot be grea"
	    "ter than max_model_len=4096. Please request fewer output"
	    " tokens. (parameter=max_tokens, value=8192)\",\"type\":"
	    "\"BadRequestError\",\"param\":\"max_tokens\",\"code\":40"
	    "0}}",
	    4096, 0, 0, 0, 0, 1 },
	{ "vLLM 0.2x, cap",
	    "max_tokens=8888 cannot be greater than max_model_len=max"
	    "_total_tokens=3072. Please request fewer output tokens.",
	    3072, 0, 0, 0, 0, 1 },
	{ "vLLM, newer name",
	    "max_completion_tokens=131072 cannot be greater than max_"
	    "model_len=128000",
	    128000, 0, 0, 0, 0, 1 },
	{ "vLLM, no number",
	    "max_tokens=131073 cannot be greater than max_model_len", 0, 0, 0,
	    0, 0, 1 },
	{ "vLLM 0.32, prompt",
	    "{\"error\":{\"message\":\"This model's maximum context l"
	    "ength is 4096 tokens. However, your prompt contains at l"
	    "east 4097 input tokens, which exceeds this limit even wi"
	    "thout any output tokens. Please reduce the length of the"
	    " input prompt. (parameter=input_tokens, value=4097)\",\""
	    "type\":\"BadRequestError\",\"param\":\"input_tokens\",\""
	    "code\":400}}",
	    4096, 0, 0, 4097, 0, 0 },
	{ "vLLM 0.32, characters",
	    "This model's maximum context length is 4096 tokens. Howe"
	    "ver, your prompt contains 900000 characters (more than 3"
	    "6864 characters, which is the upper bound for 4096 input"
	    " tokens). Please reduce the length of the input prompt. "
	    "(parameter=input_text, value=900000)",
	    4096, 0, 0, 4096, 0, 1 },
	{ "vLLM 0.1x, characters",
	    "This model's maximum context length is 4096 tokens. Howe"
	    "ver, you requested 4000 output tokens and your prompt co"
	    "ntains 1100 characters (more than 864 characters, which "
	    "is the upper bound for 96 input tokens). Please reduce t"
	    "he length of the input prompt.",
	    4096, 0, 0, 0, 0, 1 },
	{ "vLLM 0.20, sum",
	    "VLLMValidationError: This model's maximum context length"
	    " is 128000 tokens. However, you requested 65535 output t"
	    "okens and your prompt contains at least 62466 input toke"
	    "ns, for a total of at least 128001 tokens. Please reduce"
	    " the length of the input prompt or the number of request"
	    "ed output tokens. (parameter=input_tokens, value=62466)",
	    128000, 0, 0, 62466, 0, 1 },
	{ "vLLM 0.15, request",
	    "This model's maximum context length is 16384 tokens. How"
	    "ever, your request has 19427 input tokens. Please reduce"
	    " the length of the input messages. (parameter=input_toke"
	    "ns, value=19427)",
	    16384, 0, 19427, 0, 0, 1 },
	{ "vLLM 0.10, cap",
	    "{\"object\":\"error\",\"message\":\"'max_tokens' or 'max"
	    "_completion_tokens' is too large: 8192. This model's max"
	    "imum context length is 4096 tokens and your request has "
	    "35 input tokens (8192 > 4096 - 35). None\",\"type\":\"Ba"
	    "dRequestError\",\"param\":null,\"code\":400}",
	    4096, 0, 35, 0, 0, 1 },
	{ "vLLM 0.6, sum",
	    "This model's maximum context length is 16384 tokens. How"
	    "ever, you requested 19591 tokens (9591 in the messages, "
	    "10000 in the completion). Please reduce the length of th"
	    "e messages or completion. None",
	    16384, 0, 9591, 0, 19591, 1 },
	{ "vLLM, nothing left",
	    "{\"object\":\"error\",\"message\":\"max_tokens must be a"
	    "t least 1, got -96.\",\"type\":\"BadRequestError\",\"par"
	    "am\":null,\"code\":400}",
	    0, 0, 0, 0, 0, 0 },
	{ "vLLM, passed",
	    "You passed 4000 input tokens and requested 200 output to"
	    "kens. However, the model's context length is only 4096 t"
	    "okens, resulting in a maximum input length of 3896 token"
	    "s. Please reduce the length of the input prompt.",
	    4096, 0, 4000, 0, 0, 1 },
	{ "vLLM, decoder prompt",
	    "The decoder prompt (length 16476) is longer than the max"
	    "imum model length of 16384. Make sure that `max_model_le"
	    "n` is no smaller than the number of text tokens plus mul"
	    "timodal tokens.",
	    16384, 0, 16476, 0, 0, 1 },
	{ "vLLM, decoder prompt and one",
	    "The decoder prompt (length 4096) plus the number of requ"
	    "ested output tokens (at least 1) is longer than the maxi"
	    "mum model length of 4096. Make sure that `max_model_len`"
	    " is no smaller than the number of text tokens (prompt + "
	    "requested output tokens).",
	    4096, 0, 4096, 0, 0, 1 },
	{ "vLLM, responses",
	    "Input length (5000) exceeds model's maximum context leng"
	    "th (4096).",
	    4096, 0, 5000, 0, 0, 1 },
	{ "SGLang, cap",
	    "{\"object\":\"error\",\"message\":\"max_completion_token"
	    "s is too large: 8192.This model supports at most 4096 co"
	    "mpletion tokens.\",\"type\":\"BadRequestError\",\"param"
	    "\":null,\"code\":400}",
	    0, 4096, 0, 0, 0, 1 },
	{ "SGLang, sum",
	    "Requested token count exceeds the model's maximum contex"
	    "t length of 202752 tokens. You requested a total of 2029"
	    "41 tokens: 170941 tokens from the input messages and 320"
	    "00 tokens for the completion. Please reduce the number o"
	    "f tokens in the input messages or the completion to fit "
	    "within the limit.",
	    202752, 0, 170941, 0, 202941, 1 },
	{ "SGLang, prompt",
	    "The input (90000 tokens) is longer than the model's cont"
	    "ext length (32768 tokens).",
	    32768, 0, 90000, 0, 0, 1 },
	{ "llama.cpp",
	    "{\"error\":{\"code\":400,\"message\":\"request (9000 tok"
	    "ens) exceeds the available context size (4096 tokens), t"
	    "ry increasing it\",\"type\":\"exceed_context_size_error"
	    "\",\"n_prompt_tokens\":9000,\"n_ctx\":4096}}",
	    4096, 0, 9000, 0, 0, 1 },
	{ "llama.cpp behind LiteLLM",
	    "{\"error\":{\"message\":\"litellm.ContextWindowExceededE"
	    "rror: litellm.BadRequestError: ContextWindowExceededErro"
	    "r: OpenAIException - {\\\"error\\\":{\\\"code\\\":400,\\"
	    "\"message\\\":\\\"the request exceeds the available cont"
	    "ext size, try increasing it\\\",\\\"type\\\":\\\"exceed_"
	    "context_size_error\\\",\\\"n_prompt_tokens\\\":9000,\\\""
	    "n_ctx\\\":4096}}\",\"type\":null,\"param\":null,\"code\""
	    ":\"400\"}}",
	    4096, 0, 9000, 0, 0, 1 },
	{ "llama-cpp-python",
	    "Requested tokens (2065) exceed context window of 1800", 1800, 0, 0,
	    0, 2065, 1 },
	{ "TGI, sum",
	    "{\"error\":\"Input validation error: `inputs` tokens + `"
	    "max_new_tokens` must be <= 4096. Given: 100 `inputs` tok"
	    "ens and 8192 `max_new_tokens`\",\"error_type\":\"validat"
	    "ion\"}",
	    4096, 0, 100, 0, 0, 1 },
	{ "TGI, cap",
	    "{\"error\":\"Input validation error: `max_new_tokens` mu"
	    "st be <= 192. Given: 200\",\"error_type\":\"validation\""
	    "}",
	    0, 192, 0, 0, 0, 1 },
	{ "TGI, prompt",
	    "{\"error\":\"Input validation error: `inputs` must have "
	    "less than 1024 tokens. Given: 1168\",\"error_type\":\"va"
	    "lidation\"}",
	    1024, 0, 1168, 0, 0, 0 },
	{ "Together",
	    "{\"error\":{\"message\":\"Input validation error: `input"
	    "s` tokens + `max_new_tokens` must be <= 4097. Given: 124"
	    "4 `inputs` tokens and 8192 `max_new_tokens`\",\"type\":"
	    "\"invalid_request_error\",\"param\":\"max_tokens\",\"cod"
	    "e\":null}}",
	    4097, 0, 1244, 0, 0, 1 },
	{ "Fireworks", "Requests with max_tokens > 4096 must have stream=true",
	    0, 4096, 0, 0, 0, 1 },
	{ "OpenAI, cap",
	    "{\"error\":{\"message\":\"max_tokens is too large: 8192."
	    " This model supports at most 4096 completion tokens, whe"
	    "reas you provided 8192.\",\"type\":\"invalid_request_err"
	    "or\",\"param\":\"max_tokens\",\"code\":\"invalid_value\""
	    "}}",
	    0, 4096, 0, 0, 0, 1 },
	{ "OpenAI, integer",
	    "{\"error\":{\"message\":\"Invalid 'max_tokens': integer "
	    "above maximum value. Expected a value <= 4096, but got 8"
	    "192 instead.\",\"type\":\"invalid_request_error\",\"para"
	    "m\":\"max_tokens\",\"code\":\"integer_above_max_value\"}"
	    "}",
	    0, 4096, 0, 0, 0, 1 },
	{ "OpenAI, old prompt",
	    "This model's maximum context length is 4097 tokens, howe"
	    "ver you requested 4116 tokens (3860 in your prompt; 256 "
	    "for the completion). Please reduce your prompt; or compl"
	    "etion length.",
	    4097, 0, 3860, 0, 4116, 1 },
	{ "OpenAI, messages",
	    "This model's maximum context length is 8192 tokens. Howe"
	    "ver, your messages resulted in 8202 tokens. Please reduc"
	    "e the length of the messages.",
	    8192, 0, 8202, 0, 0, 1 },
	{ "OpenAI, input",
	    "Input tokens exceed the configured limit of 272000 token"
	    "s. Your messages resulted in 300000 tokens. Please reduc"
	    "e the length of the messages.",
	    272000, 0, 300000, 0, 0, 1 },
	{ "Azure",
	    "{\"error\":{\"message\":\"This model's maximum context l"
	    "ength is 8192 tokens. However, you requested 9192 tokens"
	    " (1000 in the messages, 8192 in the completion). Please "
	    "reduce the length of the messages or completion.\",\"typ"
	    "e\":\"invalid_request_error\",\"param\":\"messages\",\"c"
	    "ode\":\"context_length_exceeded\"}}",
	    8192, 0, 1000, 0, 9192, 1 },
	{ "LiteLLM",
	    "litellm.ContextWindowExceededError: litellm.BadRequestEr"
	    "ror: ContextWindowExceededError: OpenAIException - This "
	    "model's maximum context length is 13500 tokens. However,"
	    " you requested 14032 tokens (9936 in the messages, 4096 "
	    "in the completion). Please reduce the length of the mess"
	    "ages or completion.. Received Model Group=qwen3-32b-4k\\"
	    "nAvailable Model Group Fallbacks=None",
	    13500, 0, 9936, 0, 14032, 1 },
	{ "LiteLLM, vLLM behind it",
	    "{\"error\":{\"message\":\"litellm.BadRequestError: OpenA"
	    "IException - max_tokens=8192 cannot be greater than max_"
	    "model_len=max_total_tokens=4096. Please request fewer ou"
	    "tput tokens.. Received Model Group=my-local-model\",\"ty"
	    "pe\":null,\"param\":null,\"code\":\"400\"}}",
	    4096, 0, 0, 0, 0, 1 },
	{ "LiteLLM, Hosted_vllm in JSON",
	    "{\"error\":{\"message\":\"litellm.BadRequestError: Hoste"
	    "d_vllmException - {\\\"error\\\":{\\\"message\\\":\\\"\\"
	    "\\u0027max_tokens\\\\u0027 is too large: 8192. This mode"
	    "l\\\\u0027s maximum context length is 4096 tokens and yo"
	    "ur request has 35 input tokens\\\",\\\"type\\\":\\\"BadR"
	    "equestError\\\",\\\"code\\\":400}}\",\"code\":\"400\"}}",
	    4096, 0, 35, 0, 0, 1 },
	{ "LiteLLM, Anthropic in bytes",
	    "litellm.BadRequestError: AnthropicException - b'{\\\"typ"
	    "e\\\":\\\"error\\\",\\\"error\\\":{\\\"type\\\":\\\"inva"
	    "lid_request_error\\\",\\\"message\\\":\\\"input length a"
	    "nd `max_tokens` exceed context limit: 174167 + 64000 > 2"
	    "00000, decrease input length or `max_tokens` and try aga"
	    "in\\\"}}'",
	    200000, 0, 174167, 0, 0, 1 },
	{ "OpenRouter",
	    "{\"error\":{\"message\":\"This endpoint's maximum contex"
	    "t length is 131072 tokens. However, you requested about "
	    "139200 tokens (131008 of text input, 8192 in the output)"
	    ". Please reduce the length of either one, or use the \\"
	    "\"middle-out\\\" transform to compress your prompt autom"
	    "atically.\",\"code\":400}}",
	    131072, 0, 131008, 0, 139200, 1 },
	{ "OpenRouter, a provider",
	    "{\"error\":{\"message\":\"Provider returned error\",\"co"
	    "de\":400,\"metadata\":{\"raw\":\"{\\\"error\\\":{\\\"mes"
	    "sage\\\":\\\"`max_tokens` must be less than or equal to "
	    "`4096`\\\"}}\",\"provider_name\":\"Groq\"}}}",
	    0, 4096, 0, 0, 0, 1 },
	{ "Groq",
	    "{\"error\":{\"message\":\"`max_tokens` must be less than"
	    " or equal to `40960`, the maximum value for `max_tokens`"
	    " is less than the `context_window` for this model\",\"ty"
	    "pe\":\"invalid_request_error\",\"param\":\"max_tokens\"}"
	    "}",
	    0, 40960, 0, 0, 0, 1 },
	{ "Groq, with the model",
	    "max_tokens for `llama-3.1-8b-instant` must be less than "
	    "or equal to 8000",
	    0, 8000, 0, 0, 0, 1 },
	{ "DeepSeek",
	    "{\"error\":{\"message\":\"Invalid max_tokens value, the "
	    "valid range of max_tokens is [1, 8192]\",\"type\":\"inva"
	    "lid_request_error\",\"param\":null,\"code\":\"invalid_re"
	    "quest_error\"}}",
	    0, 8192, 0, 0, 0, 1 },
	{ "DashScope",
	    "<400> InternalError.Algo.InvalidParameter: Range of max_"
	    "tokens should be [1, 65536]",
	    0, 65536, 0, 0, 0, 1 },
	{ "DashScope, prompt",
	    "<400> InternalError.Algo.InvalidParameter: Range of inpu"
	    "t length should be [1, 30720]",
	    30720, 0, 0, 0, 0, 0 },
	{ "GLM",
	    "max_tokens\xe5\x8f\x82\xe6\x95\xb0\xe9\x9d\x9e\xe6\xb3"
	    "\x95\xef\xbc\x9a\xe9\x99\x90\xe5\x88\xb6\xe6\x95\xb0\xe5"
	    "\x80\xbc\xe8\x8c\x83\xe5\x9b\xb4[1,131072]",
	    0, 131072, 0, 0, 0, 1 },
	{ "Anthropic, cap",
	    "{\"type\":\"error\",\"error\":{\"type\":\"invalid_reques"
	    "t_error\",\"message\":\"max_tokens: 8192 > 4096, which i"
	    "s the maximum allowed number of output tokens for claude"
	    "-3-haiku-20240307\"}}",
	    0, 4096, 0, 0, 0, 1 },
	{ "Anthropic, sum",
	    "{\"type\":\"error\",\"error\":{\"type\":\"invalid_reques"
	    "t_error\",\"message\":\"input length and `max_tokens` ex"
	    "ceed context limit: 188240 + 21333 > 200000, decrease in"
	    "put length or `max_tokens` and try again\"}}",
	    200000, 0, 188240, 0, 0, 1 },
	{ "Anthropic, prompt",
	    "prompt is too long: 208310 tokens > 200000 maximum", 200000, 0,
	    208310, 0, 0, 0 },
	{ "Gemini, cap",
	    "[{\"error\":{\"code\":400,\"message\":\"Unable to submit"
	    " request because it has a maxOutputTokens value of 65536"
	    "0 but the supported range is from 1 (inclusive) to 8193 "
	    "(exclusive). Update the value and try again.\",\"status"
	    "\":\"INVALID_ARGUMENT\"}}]",
	    0, 8192, 0, 0, 0, 1 },
	{ "Gemini, prompt",
	    "The input token count (2845475) exceeds the maximum numb"
	    "er of tokens allowed (1048576).",
	    1048576, 0, 2845475, 0, 0, 1 },
	{ "Mistral",
	    "{\"object\":\"error\",\"message\":\"Prompt contains 4000"
	    "0 tokens and 0 draft tokens, too large for model with 32"
	    "768 maximum context length\",\"type\":\"invalid_request_"
	    "error\",\"param\":null,\"code\":\"3051\"}",
	    32768, 0, 40000, 0, 0, 1 },
	{ "Bedrock",
	    "The maximum tokens you requested exceeds the model limit"
	    " of 8192. Try again with a maximum tokens value that is "
	    "lower than 8192.",
	    0, 8192, 0, 0, 0, 1 },
	{ "xAI",
	    "This model's maximum prompt length is 131072 but the req"
	    "uest contains 537812 tokens.",
	    131072, 0, 537812, 0, 0, 1 },
	{ "Kimi",
	    "Invalid request: Your request exceeded model token limit"
	    ": 262144 (requested: 300000)",
	    262144, 0, 0, 0, 0, 1 },
	{ "Cerebras",
	    "{\"message\":\"Please reduce the length of the messages "
	    "or completion. Current length is 9000 while limit is 819"
	    "2\",\"type\":\"invalid_request_error\",\"param\":\"messa"
	    "ges\",\"code\":\"context_length_exceeded\"}",
	    8192, 0, 9000, 0, 0, 1 },
	{ "TensorRT-LLM, sum",
	    "The sum of prompt length (4000.0) and query length (0) m"
	    "ax_tokens (2048) should not exceed max_seq_len (4096)",
	    4096, 0, 4000, 0, 0, 1 },
	{ "TensorRT-LLM, default",
	    "`default_max_tokens` (-96) must be greater than 0, `defa"
	    "ult_max_tokens` (-96) = max_seq_len (4096) - `splited_pr"
	    "ompt_len` (4192) - `query_token_len` (0)",
	    4096, 0, 4192, 0, 0, 1 },
	{ "LMDeploy",
	    "Input length (5000) must be smaller than the model conte"
	    "xt length (4096).",
	    4096, 0, 5000, 0, 0, 1 },
	{ "LMDeploy, its class",
	    "{\"message\":\"The request exceeds the model context len"
	    "gth.\",\"type\":\"invalid_request_error\",\"code\":\"con"
	    "text_length_exceeded\",\"param\":null,\"object\":\"error"
	    "\"}",
	    0, 0, 0, 0, 0, 1 },
	{ "a configured size",
	    "Prompt has 300,000 tokens, but the configured context si"
	    "ze is 131,072 tokens",
	    131072, 0, 300000, 0, 0, 1 },
	{ "a range in words", "max_tokens value must be between 1 and 65,536",
	    0, 65536, 0, 0, 0, 1 },
	{ "the name is not known",
	    "Unrecognized request argument supplied: max_tokens", 0, 0, 0, 0, 0,
	    0 },
	{ "another parameter", "temperature must be at most 2", 0, 0, 0, 0, 0,
	    0 },
	{ "another's range", "n must be between 1 and 8; max_tokens is 8192", 0,
	    0, 0, 0, 0, 0 },
	{ "another's range, in a list",
	    "temperature is out of range; known are max_tokens, top_p", 0, 0, 0,
	    0, 0, 0 },
	{ "a limit that is too small", "max_tokens is too small", 0, 0, 0, 0, 0,
	    0 },
	{ "no number, the other way round",
	    "The request exceeds the model's max_tokens", 0, 0, 0, 0, 0, 1 },
	{ "n", "n must be at least 1, got 0.", 0, 0, 0, 0, 0, 0 },
	{ "too large a number",
	    "max_tokens must be <= 99999999999999999999999999999999", 0, 0, 0,
	    0, 0, 1 },
	{ "too large a context",
	    "maximum context length is 18446744073709551617 tokens", 0, 0, 0, 0,
	    0, 1 },
	{ "none",
	    "maximum context length is 0 tokens and your request has "
	    "0 input tokens",
	    0, 0, 0, 0, 0, 1 },
	{ "a negative one", "maximum context length is -4096 tokens", 0, 0, 0,
	    0, 0, 1 },
	{ "a date, a name",
	    "max_tokens is too large for claude-3-5-haiku-20241022 4k", 0, 0, 0,
	    0, 0, 1 },
	{ "a sentence between",
	    "The request exceeds the context length. Account 12345 ha"
	    "s a limit",
	    0, 0, 0, 0, 0, 1 },
};

static void
limits(void)
{
	struct refusal e;
	size_t i;

	for (i = 0; i < sizeof caps / sizeof *caps; i++) {
		refusal_read(400, span_of(caps[i].body), &e);
		is_int(e.context_max, caps[i].context,
		    "%s: the context is read", caps[i].who);
		is_int(e.cap_max, caps[i].cap, "%s: the limit is read",
		    caps[i].who);
		is_int(e.prompt, caps[i].prompt, "%s: the prompt is read",
		    caps[i].who);
		is_int(e.prompt_least, caps[i].least,
		    "%s: the least length of the prompt is read", caps[i].who);
		is_int(e.total, caps[i].total,
		    "%s: the sum of prompt and limit is read", caps[i].who);
		is_int(e.about_cap, caps[i].about_cap,
		    "%s: it is known whether the limit may be lowered",
		    caps[i].who);
	}
	refusal_read(500, span_of(caps[0].body), &e);
	is_str(e.code, "server_error",
	    "a server error that names a limit stays a server error");
	ok(!e.about_cap, "a server error lowers no limit");
	refusal_read(500, S("max_tokens must be <= 4096"), &e);
	ok(e.about_cap && e.end == REFUSAL_RECORD,
	    "a server error with a number may lower the limit");
}

/* Test that long and hostile texts are read only up to a bound, in time. */
static void
floods(void)
{
	static const char *const all[] = { "max_tokens ", "[ ", "1,", "\\u",
		"<=", "context length is is ", "-1 ", "1.", "at least " };
	struct refusal e;
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		for (b.n = 0; b.n < 1000000;)
			buf_adds(&b, all[i]);
		buf_adds(&b, " max_tokens must be <= 7");
		refusal_read(400, buf_span(&b), &e);
		ok(e.cap_max == 0 && e.context_max == 0,
		    "a million of %s gives no number", all[i]);
	}
	buf_free(&b);
}

static void
culprits(void)
{
	static const char sent[] =
	    "{\"messages\":[],\"model\":\"m\",\"temperature\":1,\"top_p\":1,"
	    "\"max_tokens\":1,\"repetition_penalty\":1,\"seed\":1,"
	    "\"response_format\":{},\"n\":7,\"top_k\":1,\"\":1}";
	struct refusal e;
	struct span got;
	size_t i;

	for (i = 0; i < sizeof members / sizeof *members; i++) {
		refusal_read(400, span_of(members[i].body), &e);
		got = refusal_culprit(&e, S(sent));
		is_span(got.p ? got : S(""), span_of(members[i].culprit),
		    "%s: the refused member is found", members[i].who);
		ok(refusal_culprit(&e, S("{}")).p == NULL,
		    "an empty object names no refused member");
	}
}

static void
refusals(void)
{
	struct refusal e;
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof errors / sizeof *errors; i++) {
		refusal_read(errors[i].status, span_of(errors[i].body), &e);
		is_str(e.code, errors[i].code, "%s: the code is right",
		    errors[i].who);
		is_int(e.end, errors[i].end, "%s: the end is right",
		    errors[i].who);
		is_int(e.context_max, errors[i].context_max,
		    "%s: the context is right", errors[i].who);
		is_int(e.cap_max, errors[i].cap_max, "%s: the limit is right",
		    errors[i].who);
	}
	refusal_read(400, S("{\"error\":\"plain\"}"), &e);
	is_str(e.message, "plain", "a plain message is kept");
	refusal_read(400, S("a\x1b[1m\xff\n\0b"), &e);
	is_str(e.message, "a?[1m? ?b",
	    "control characters in a message are replaced");
	refusal_read(502,
	    S("<html><head><title>502 Bad Gateway</title></head></html>"), &e);
	is_str(e.message, "502 Bad Gateway",
	    "the title of an HTML page is the message");
	refusal_read(502, S("<html><title>502"), &e);
	is_str(e.message, "<html><title>502",
	    "a title that does not end is kept as it is");
	refusal_read(400,
	    S("{\"detail\":[{\"loc\":[\"body\",\"x\"],\"msg\":\"bad\"}]}"), &e);
	is_str(e.message, "x; bad", "the list of a validator is the message");
	refusal_read(400, NONE, &e);
	is_str(e.message, "no reason given", "an empty body gives no reason");
	for (i = 0; i < 5000; i++)
		buf_adds(&b, "\xc3\xa4");
	refusal_read(400, buf_span(&b), &e);
	ok(strlen(e.message) < sizeof e.message && strlen(e.message) > 300,
	    "a long message is cut");
	ok(strcmp(e.message + strlen(e.message) - 5, "\xc3\xa4...") == 0,
	    "a long message is cut between two characters");
	refusal_read(308, S("moved"), &e);
	is_str(e.message, "a redirection, which is not followed",
	    "a redirection is named");
	refusal_read(200, S("moved"), &e);
	is_str(e.message, "moved", "a reply of status 200 keeps its words");
	refusal_read(400,
	    S("{\"error\":{\"message\":\"a\",\"x\":\"b\",\"innererror\":{"
	      "\"code\":\"c\"}},\"type\":\"d\"}"),
	    &e);
	is_str(e.message, "a; c", "members that say nothing are left out");
	buf_free(&b);
}

/* Test the delays that bodies ask for. */
static void
delays(void)
{
	static const struct {
		const char *body;
		long long ms;
	} all[] = {
		{ "{\"error\":{\"message\":\"Please try again in 1m30s.\"}}",
		    90000 },
		{ "[{\"error\":{\"code\":429,\"message\":\"Quota exceeded\","
		  "\"details\":[{\"@type\":\"google.rpc.RetryInfo\","
		  "\"retryDelay\":\"34.07s\"}]}}]",
		    34070 },
		{ "try again in 7h12m", DELAY_MAX },
		{ "try again later", -1 },
		{ "", -1 },
	};
	struct refusal e;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		refusal_read(429, span_of(all[i].body), &e);
		is_int(e.delay_ms, all[i].ms,
		    "the delay that a body asks for is read (%zu)", i);
	}
}

int
main(void)
{
	refusals();
	delays();
	prompts();
	limits();
	floods();
	culprits();
	return done();
}

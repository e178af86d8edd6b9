package io.github.deepseekboot.provider;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ReasoningEffort;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.provider.ProviderPreset.Feature;

/**
 * What is peculiar to one provider's wire, decided for each attempt, since an attempt's
 * provider is known only then. All of it is read from the preset.
 */
public final class Dialect {

	/**
	 * The field of a message that has a provider's own form of its reasoning.
	 */
	public static final String REASONING_DETAILS = "reasoning_details";

	// what hosts say that they answer everything with
	private static final Set<Integer> GENERAL = Set.of(400, 500, 502);

	private static final Set<Integer> SPECIFIC = Set.of(401, 402, 403, 404, 429, 503, 529);

	// method, size, path and protocol are no matter of the prompt: whoever stands before
	// the host refuses them
	private static final Set<Integer> OF_THE_WAY = Set.of(405, 407, 411, 413, 414, 421, 426, 431);

	private static final int MAX_REFUSING = 256;

	private static final int MAX_LISTED = 1000;

	// loaded when the application starts, since an event loop must not read files
	private final ErrorFamilies families = ErrorFamilies.shared();

	private final ProviderPreset preset;

	private final ReasoningReplay replay;

	private final StructuredOutput structuredOutput;

	// what models turned out to take, by their ids
	private final Map<String, StructuredOutput> refusing = new ConcurrentHashMap<>();

	private volatile List<String> listedModels = List.of();

	/**
	 * The dialect of a preset.
	 * @param preset the preset
	 * @param replay whether reasoning is sent back
	 * @param structuredOutput how answers that follow a schema are asked for
	 */
	public Dialect(ProviderPreset preset, ReasoningReplay replay, StructuredOutput structuredOutput) {
		this.preset = preset;
		this.replay = replay;
		this.structuredOutput = structuredOutput;

	}

	/**
	 * Whether a model is asked to think: the request decides, else an effort on the
	 * request means yes, else the model's configuration.
	 * @param request the request
	 * @param model the model
	 * @return {@code null} if it is left to the provider
	 */
	public @Nullable Boolean thinking(ChatRequest request, ProviderModel model) {
		if (request.thinking() != null) {
			return request.thinking();
		}
		return (request.reasoningEffort() != null) ? Boolean.TRUE : model.thinking();
	}

	/**
	 * Write the fields that switch thinking.
	 * @param request the request
	 * @param model the model that will answer
	 * @param fields takes the fields
	 */
	public void writeThinking(ChatRequest request, ProviderModel model, FieldWriter fields) {
		ReasoningEffort effort = request.reasoningEffort();
		this.preset.thinking().write(model.id(), thinking(request, model), effort, fields);
	}

	/**
	 * Whether the content of an answer may begin within the reasoning, without the
	 * opening tag. An answer whose form the provider enforces does not.
	 * @param request the request
	 * @param model the model that answers
	 * @return {@code true} if content that comes before any other sign is reasoning
	 */
	public boolean beginsInThought(ChatRequest request, ProviderModel model) {
		ResponseFormat format = responseFormat(request, model);
		return this.preset.thinking().beginsInThought(model.id())
				&& (format == null || format.equals(ResponseFormat.TEXT));
	}

	/**
	 * The reasoning to send back with each message of a request.
	 * @param request the request
	 * @param model the model that will answer
	 * @return for each message its reasoning, or {@code null} to send none
	 */
	public List<@Nullable String> replayedReasoning(ChatRequest request, ProviderModel model) {
		List<ChatMessage> messages = request.messages();
		List<@Nullable String> replayed = new ArrayList<>(messages.size());
		Boolean thinking = thinking(request, model);
		// where reasoning is always sent back, models think unless asked not to
		boolean thinks = (thinking != null) ? thinking : this.replay == ReasoningReplay.ALWAYS;
		boolean toolTurn = false;
		for (int i = 0; i < messages.size(); i++) {
			ChatMessage message = messages.get(i);
			if (i == 0 || message.role() == MessageRole.USER) {
				toolTurn = callsTools(messages, i);
			}
			replayed.add(replayedReasoning(message, toolTurn, thinks));
		}
		return replayed;
	}

	private @Nullable String replayedReasoning(ChatMessage message, boolean toolTurn, boolean thinks) {
		boolean sent = switch (this.replay) {
			case NEVER -> false;
			case TOOL_TURNS -> toolTurn;
			case ALWAYS -> true;
		};
		if (!sent || message.role() != MessageRole.ASSISTANT) {
			return null;
		}
		String reasoning = message.reasoningContent();
		// thinking models refuse a tool call without reasoning, but accept an empty one
		return (reasoning == null && thinks && !message.toolCalls().isEmpty()) ? "" : reasoning;
	}

	/**
	 * The field in which the reasoning is sent back.
	 * @return the field's name on the wire
	 */
	public String reasoningField() {
		return this.preset.reasoningField();
	}

	/**
	 * The further fields of a message that are sent: all of those that the application
	 * wrote, of an answer only those that the provider wants back.
	 * @param message the message
	 * @param withReasoning whether its reasoning is sent back
	 * @return the fields by their wire names
	 */
	public Map<String, Object> sentExtra(ChatMessage message, boolean withReasoning) {
		if (message.role() != MessageRole.ASSISTANT || message.extra().isEmpty()) {
			return message.extra();
		}
		Map<String, Object> sent = wanted(message.extra());
		if (!withReasoning) {
			sent.remove(REASONING_DETAILS);
		}
		return sent;
	}

	/**
	 * The further fields of a tool call that the provider wants back.
	 * @param call the call
	 * @return the fields by their wire names
	 */
	public Map<String, Object> sentExtra(ToolCall call) {
		return call.extra().isEmpty() ? call.extra() : wanted(call.extra());
	}

	private Map<String, Object> wanted(Map<String, Object> extra) {
		Map<String, Object> wanted = new LinkedHashMap<>(extra);
		wanted.keySet().retainAll(this.preset.replayedFields());
		return wanted;
	}

	/**
	 * Whether the model was asked not to think, so that text in the place of its
	 * reasoning is the answer if there is no other.
	 * @param request the request
	 * @param model the model that answers
	 * @return {@code false} for a model that always thinks
	 */
	public boolean thinkingSwitchedOff(ChatRequest request, ProviderModel model) {
		return Boolean.FALSE.equals(thinking(request, model)) && !this.preset.thinking().isFixed(model.id());
	}

	private static boolean callsTools(List<ChatMessage> messages, int turnStart) {
		for (int i = turnStart; i < messages.size(); i++) {
			ChatMessage message = messages.get(i);
			if (i > turnStart && message.role() == MessageRole.USER) {
				return false;
			}
			if (!message.toolCalls().isEmpty()) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Whether {@code stream_options.include_usage} is sent.
	 * @param request the request
	 * @return {@code true} unless the request or the provider objects
	 */
	public boolean includesUsage(ChatRequest request) {
		return (request.includeUsage() != null) ? request.includeUsage() : this.preset.streamOptions();
	}

	/**
	 * The request field for the end user's id.
	 * @return the field's name on the wire
	 */
	public String userField() {
		return this.preset.userField();
	}

	/**
	 * The response headers with the provider's id of the request.
	 * @return the headers, the best first
	 */
	public List<String> traceHeaders() {
		return this.preset.traceHeaders();
	}

	/**
	 * The form of the answer as it is asked for on the wire.
	 * @param request the request
	 * @param model the model that will answer
	 * @return the format, or {@code null} to send none
	 */
	public @Nullable ResponseFormat responseFormat(ChatRequest request, ProviderModel model) {
		ResponseFormat format = request.responseFormat();
		if (format == null || !format.isAnyMeans()) {
			return format;
		}
		if (format.isInPrompt()) {
			return null;
		}
		return switch (structuredOutput(model)) {
			case JSON_SCHEMA -> ResponseFormat.jsonSchema(String.valueOf(format.name()),
					Objects.requireNonNull(format.schema()), format.strict());
			case JSON_OBJECT -> ResponseFormat.JSON_OBJECT;
			case PROMPT -> null;
		};
	}

	/**
	 * The JSON Schema that is sent to the model in a message.
	 * @param request the request
	 * @param model the model that will answer
	 * @return the schema, or {@code null} if there is none or a field takes it
	 */
	public @Nullable Map<String, Object> schemaInPrompt(ChatRequest request, ProviderModel model) {
		ResponseFormat format = request.responseFormat();
		if (format == null || !format.isAnyMeans()) {
			return null;
		}
		boolean inField = !format.isInPrompt() && structuredOutput(model) == StructuredOutput.JSON_SCHEMA;
		return inField ? null : format.schema();
	}

	/**
	 * How answers that follow a schema are asked for: as configured, until the model
	 * refused it.
	 * @param model the model
	 * @return the way
	 */
	public StructuredOutput structuredOutput(ProviderModel model) {
		return this.refusing.getOrDefault(model.id(), this.structuredOutput);
	}

	/**
	 * Take note of a way to ask for answers that follow a schema which a model refused.
	 * The next weaker one is used from then on.
	 * @param model the model
	 * @param refused the way that it refused
	 * @return {@code false} if there is no weaker one
	 */
	public boolean refused(ProviderModel model, StructuredOutput refused) {
		if (refused == StructuredOutput.PROMPT) {
			return false;
		}
		if (structuredOutput(model) == refused
				&& (this.refusing.size() < MAX_REFUSING || this.refusing.containsKey(model.id()))) {
			this.refusing.put(model.id(),
					(refused == StructuredOutput.JSON_SCHEMA) ? StructuredOutput.JSON_OBJECT : StructuredOutput.PROMPT);
		}
		return structuredOutput(model) != refused;
	}

	/**
	 * Take note of the models that the host listed.
	 * @param ids their ids, of which the first thousand are kept
	 */
	public void listed(List<String> ids) {
		this.listedModels = List.copyOf(ids.subList(0, Math.min(ids.size(), MAX_LISTED)));
	}

	/**
	 * The models that the host listed when it was asked last.
	 * @return their ids; empty if it was not asked yet
	 */
	public List<String> listedModels() {
		return this.listedModels;
	}

	/**
	 * What a request asks for that the provider cannot do.
	 * @param request the request
	 * @param model the model that would answer
	 * @return what it cannot do and what to do instead, or {@code null} if it can do all
	 */
	public @Nullable String unsupported(ChatRequest request, ProviderModel model) {
		if (request.responseFormat() != null && request.responseFormat().schema() != null
				&& !request.responseFormat().isAnyMeans() && this.preset.unsupported().contains(Feature.JSON_SCHEMA)) {
			return "answers that follow a JSON schema are not supported; use ResponseFormat.schema(...), which puts the"
					+ " schema into the prompt, or a typed answer";
		}
		if (request.toolChoice() != null && request.toolChoice().isForced()
				&& Boolean.TRUE.equals(thinking(request, model))
				&& this.preset.unsupported().contains(Feature.FORCED_TOOL_WHILE_THINKING)) {
			return "a forced tool choice is refused while thinking is on; use ToolChoice.AUTO or thinking(false)";
		}
		if (hasImage(request.messages()) && !takesImages(model)) {
			return "the model " + model.id() + " does not take images; choose another model, or leave the images out";
		}
		return unsupportedField(request);
	}

	private boolean takesImages(ProviderModel model) {
		return !this.preset.unsupported().contains(Feature.IMAGES)
				&& (this.preset.textModels() == null || !this.preset.textModels().matcher(model.id()).find());
	}

	private static boolean hasImage(List<ChatMessage> messages) {
		for (ChatMessage message : messages) {
			for (ContentPart part : message.parts()) {
				if (part.imageUrl() != null || "image_url".equals(part.extra().get("type"))) {
					return true;
				}
			}
		}
		return false;
	}

	private @Nullable String unsupportedField(ChatRequest request) {
		Integer most = this.preset.maxUserIdBytes();
		String userId = request.userId();
		if (most != null && userId != null && userId.getBytes(StandardCharsets.UTF_8).length > most) {
			return "the user id has more than " + most + " bytes in UTF-8; send a shorter one, such as a hash of it";
		}
		Set<Feature> unsupported = this.preset.unsupported();
		if (unsupported.contains(Feature.LOGPROBS)
				&& (Boolean.TRUE.equals(request.logprobs()) || request.topLogprobs() != null)) {
			return "log probabilities are not supported; leave logprobs and topLogprobs out";
		}
		if (unsupported.contains(Feature.LOGIT_BIAS) && !request.logitBias().isEmpty()) {
			return "a logit bias is not supported; leave logitBias out";
		}
		if (unsupported.contains(Feature.SEVERAL_CHOICES) && request.n() != null && request.n() > 1) {
			return "several choices at once are not supported; leave n out and ask as often as needed";
		}
		if (unsupported.contains(Feature.MESSAGE_NAMES)
				&& request.messages().stream().anyMatch((message) -> message.name() != null)) {
			return "names of messages are not supported; write the name into the content";
		}
		return null;
	}

	/**
	 * What a failure means. The provider's own rules come first, then the rules for all,
	 * then the status, or what a code says in place of one.
	 * @param status the HTTP status, or {@code null} for an error inside of an answer
	 * @param codes the provider's codes and types, the most specific first
	 * @param message the provider's message, if it sent one
	 * @param around what stands around the message, such as the words of a gateway; it
	 * counts if the message itself says nothing that is known
	 * @return the kind, and whether it is about this one request only
	 */
	public ErrorRule classify(@Nullable Integer status, List<String> codes, @Nullable String message,
			List<String> around) {
		Integer effective = effectiveStatus(status, codes);
		ErrorRule known = known(effective, codes, message);
		for (int i = 0; known == null && i < around.size(); i++) {
			known = known(effective, codes, around.get(i));
		}
		if (known != null) {
			return known;
		}
		ErrorRule own = first(this.preset.errors(), effective, codes, message);
		return (own != null) ? own
				: new ErrorRule(List.of(), List.of(), List.of(),
						(effective != null) ? byStatus(effective) : ErrorKind.SERVER_ERROR,
						effective != null && OF_THE_WAY.contains(effective));
	}

	private @Nullable ErrorRule known(@Nullable Integer status, List<String> codes, @Nullable String message) {
		ErrorRule own = first(this.preset.errors(), status, codes, message);
		// a code that says no more than that something is wrong leaves it to the words
		boolean decided = own != null && (own.kind() != ErrorKind.INVALID_REQUEST || own.thisRequest());
		return decided ? own : first(this.families.rules(), status, codes, message);
	}

	private static @Nullable ErrorRule first(List<ErrorRule> rules, @Nullable Integer status, List<String> codes,
			@Nullable String message) {
		for (ErrorRule rule : rules) {
			if (rule.matches(status, codes, message)) {
				return rule;
			}
		}
		return null;
	}

	/**
	 * The codes that the rules know by their exact text.
	 * @return the codes, the provider's own first
	 */
	public List<String> knownCodes() {
		return Stream.concat(this.preset.errors().stream(), this.families.rules().stream())
			.flatMap((rule) -> rule.code().stream())
			.filter((code) -> code.indexOf('*') < 0)
			.distinct()
			.toList();
	}

	/**
	 * What a finish reason says about an answer that was given up.
	 * @param reason the reason, the provider's own or that of the host behind it
	 * @return the kind of failure, or {@code null} for a reason that is good or unknown
	 */
	public @Nullable ErrorKind givenUp(@Nullable String reason) {
		return (reason != null) ? FinishReasons.givenUp(reason) : null;
	}

	/**
	 * What a finish reason says about an answer that has nothing in it.
	 * @param reason the reason
	 * @return the kind of failure, or {@code null} if the reason does not explain it
	 */
	public @Nullable ErrorKind emptied(@Nullable String reason) {
		return (reason != null) ? FinishReasons.emptied(reason) : null;
	}

	/**
	 * Whether a finish reason says that a limit of tokens ended the answer.
	 * @param reason the reason
	 * @return {@code true} if the answer may end anywhere
	 */
	public boolean truncated(@Nullable String reason) {
		return reason != null && FinishReasons.truncated(reason);
	}

	// some hosts and gateways answer everything with one of a few statuses
	private @Nullable Integer effectiveStatus(@Nullable Integer status, List<String> codes) {
		Integer said = this.families.statusLike(codes);
		return (status == null || (said != null && GENERAL.contains(status) && SPECIFIC.contains(said))) ? said
				: status;
	}

	private static ErrorKind byStatus(int status) {
		return switch (status) {
			case 401, 403 -> ErrorKind.AUTHENTICATION;
			case 402 -> ErrorKind.OUT_OF_CREDIT;
			case 404, 410 -> ErrorKind.MODEL_NOT_FOUND;
			case 408 -> ErrorKind.TIMEOUT;
			// a failed dependency, and a gateway that gave up on the host behind it
			case 424, 499 -> ErrorKind.SERVER_ERROR;
			case 429 -> ErrorKind.RATE_LIMITED;
			case 451 -> ErrorKind.CONTENT_FILTERED;
			case 503, 529 -> ErrorKind.OVERLOADED;
			default -> (status >= 500) ? ErrorKind.SERVER_ERROR
					: (status >= 400) ? ErrorKind.INVALID_REQUEST : ErrorKind.REDIRECTED;
		};
	}

}

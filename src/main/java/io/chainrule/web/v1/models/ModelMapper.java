package io.chainrule.web.v1.models;

import io.chainrule.core.Source;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.models.Model;
import io.chainrule.service.models.ModelDefinition;
import io.chainrule.service.models.ModelInput;
import io.chainrule.service.models.ModelName;
import io.chainrule.service.models.Models;
import io.chainrule.service.models.NewModel;
import io.chainrule.service.run.Query;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.JsonPointer;
import io.chainrule.web.v1.ProgramRequest;
import io.chainrule.web.v1.RowsRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Finds all that is wrong with what is said of a model, and makes the service's model. */
final class ModelMapper {
    private static final int LONGEST_DESCRIPTION = 2_000;
    private static final int LONGEST_LICENCE = 200;
    private static final int LONGEST_TEXT = 500;
    private static final int MOST_TAGS = 20;
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    static final Pattern TAG = Pattern.compile("[A-Za-z0-9._-]{1,40}");

    /** Where the words about the model stand in the request. */
    private final String[] place;
    private final List<ErrorDetail> errors = new ArrayList<>();

    private ModelMapper(String... place) {
        this.place = place;
    }

    /** A model that is put. */
    static NewModel model(ModelRequest request, Query query, Models models) {
        return new ModelMapper().model(
                new SaveRequest(null, request.output(), request.declares(), request.outputs(), request.description(), request.licence(),
                        request.tags()),
                query, Map.of(), models.called(query.source().models().keySet()), Set.of(), false, base(request, models));
    }

    private static @Nullable Model base(ProgramRequest request, Models models) {
        return request.model() == null ? null : models.find(request.model());
    }

    /**
     * The model as which a training or a fit is stored. It keeps what is trained, what models have kept before and, where {@code batch}
     * names the inputs that carry samples, or these come from columns, all inputs but these.
     */
    static NewModel model(SaveRequest request, ProgramRequest training, Query query, Map<String, Shape> columns, Models models) {
        ModelMapper mapper = new ModelMapper("save_as");
        if (request.name() == null || !ModelName.isLegal(request.name())) {
            mapper.error(request.name() == null ? "'name' is missing" : "'" + request.name() + "' cannot be the name of a model",
                    ModelName.FORM, request.name() == null ? "nothing" : request.name(), "name");
        }
        Model base = base(training, models);
        Set<String> before = base == null ? query.source().kept().names() : base.values().keySet();
        Source source = base == null ? query.source() : base.program().source();
        Map<String, Tensor> kept = new LinkedHashMap<>(query.inputs());
        kept.putAll(query.kept());
        List<String> wrt = query.wrt();
        if (source instanceof Source.Network network) {
            kept.keySet().removeAll(network.data());
        } else if (query.batch().inputs().isEmpty() && wrt != null && !(training instanceof RowsRequest)) {
            kept.keySet().removeIf(name -> !wrt.contains(name) && !before.contains(name));
        }
        kept.keySet().removeAll(query.batch().inputs());
        kept.keySet().removeAll(Objects.requireNonNullElse(request.declares(), Map.<String, ModelInputSpec>of()).keySet());
        Map<String, Shape> samples = new LinkedHashMap<>(columns);
        query.batch().inputs().forEach(name -> {
            Tensor all = query.inputs().get(name);
            if (all != null) {
                samples.put(name, all.shape().isScalar() ? all.shape() : all.shape().without(0));
            }
        });
        // A model that is stored again has in it those that it calls. By now their names may stand for others.
        Map<String, Model> calls = base == null ? models.called(query.source().models().keySet()) : Map.of();
        Set<String> data = new HashSet<>(query.inputs().keySet());
        data.removeAll(kept.keySet());
        data.addAll(columns.keySet());
        return mapper.model(request, query.toBeStored(kept, request.output()), samples, calls, data, true, base);
    }

    private NewModel model(SaveRequest said, Query query, Map<String, Shape> samples, Map<String, Model> calls, Set<String> data,
            boolean isTrained, @Nullable Model base) {
        Words words = words(said.declares(), said.outputs(), said.description(), said.licence(), said.tags());
        return new NewModel(query, words.inputs, samples, words.outputs, said.description(), said.licence(), words.tags, calls, data,
                isTrained, base);
    }

    /** What is said of a model besides its program. */
    private record Words(List<ModelInput> inputs, @Nullable Map<String, String> outputs, @Nullable List<String> tags) {}

    private Words words(@Nullable Map<String, ModelInputSpec> declares, @Nullable Map<String, String> nodes, @Nullable String description,
            @Nullable String licence, @Nullable List<String> named) {
        Map<String, ModelInputSpec> declared = Objects.requireNonNullElse(declares, Map.of());
        List<ModelInput> inputs = declared.entrySet().stream().map(input -> input(input.getKey(), input.getValue())).toList();
        Objects.requireNonNullElse(nodes, Map.<String, String>of()).forEach((node, text) -> text(text, LONGEST_TEXT, "outputs", node));
        text(description, LONGEST_DESCRIPTION, "description");
        text(licence, LONGEST_LICENCE, "licence");
        List<String> tags = named == null ? null : tags(named);
        if (!errors.isEmpty()) {
            throw new RequestException(errors);
        }
        return new Words(inputs, nodes, tags);
    }

    /**
     * The definition in a file, after the same checks as of a model that is put.
     *
     * @param program as the file has it
     */
    static ModelDefinition definition(ModelFile file, JsonNode program, Map<String, ModelDefinition> models, long mostElements,
            String... place) {
        ModelMapper mapper = new ModelMapper(place);
        Map<String, ModelDefinition.Kept> kept = new LinkedHashMap<>();
        Objects.requireNonNullElse(file.kept(), Map.<String, ModelFile.Kept>of()).forEach((name, value) -> {
            String digest = Objects.requireNonNullElse(value.sha256(), "");
            Shape shape = value.shape();
            if (!DIGEST.matcher(digest).matches()) {
                mapper.error(value.sha256() == null ? "'sha256' is missing" : "'sha256' is no SHA-256 in hexadecimal", DIGEST.pattern(),
                        value.sha256() == null ? "nothing" : digest, "kept",
                        name, "sha256");
            }
            if (shape == null) {
                mapper.error("'shape' is missing", "a list of lengths", "nothing", "kept", name, "shape");
            } else if (shape.size() > mostElements) {
                mapper.error("the array is too large", "at most " + mostElements + " elements (chainrule.limits.tensor-elements)",
                        shape.toString(), "kept", name, "shape");
            } else {
                kept.put(name, new ModelDefinition.Kept(digest, shape.toList()));
            }
        });
        List<String> calls = Objects.requireNonNullElse(file.calls(), List.of());
        for (int i = 0; i < calls.size(); i++) {
            if (!ModelName.isLegal(calls.get(i))) {
                mapper.error("'calls' has names of models", ModelName.FORM, calls.get(i), "calls", String.valueOf(i));
            }
        }
        models.keySet().stream().filter(name -> ModelName.of(name).isEmpty())
                .forEach(name -> mapper.error("'models' has models by their names", ModelName.FORM, name, "models", name));
        Words words = mapper.words(file.declares(), file.outputs(), file.description(), file.licence(), file.tags());
        return new ModelDefinition(program, words.inputs, null, kept, Objects.requireNonNullElse(words.outputs, Map.of()),
                file.description(), file.licence(), Objects.requireNonNullElse(words.tags, List.of()), models, new TreeSet<>(calls));
    }

    private ModelInput input(String name, ModelInputSpec input) {
        List<Double> range = input.range();
        if (range != null && (range.size() != 2 || !(range.getFirst() <= range.getLast()))) {
            error("'range' is not two numbers in their order", "[least, largest]", range.toString(), "declares", name,
                    "range");
        }
        text(input.text(), LONGEST_TEXT, "declares", name, "text");
        return new ModelInput(name, input.shape(), range, input.text());
    }

    private List<String> tags(List<String> tags) {
        if (tags.size() > MOST_TAGS) {
            error("there are too many tags", "at most " + MOST_TAGS, String.valueOf(tags.size()), "tags");
        }
        for (int i = 0; i < tags.size(); i++) {
            if (!TAG.matcher(tags.get(i)).matches()) {
                error("'" + tags.get(i) + "' cannot be a tag", TAG.pattern(), tags.get(i), "tags", String.valueOf(i));
            }
        }
        return tags.stream().distinct().sorted().toList();
    }

    private void text(@Nullable String text, int longest, String... field) {
        if (text == null) {
            return;
        }
        String expected = "up to " + longest + " characters, none of control";
        OptionalInt wrong = text.codePoints().filter(ModelMapper::isNoCharacter).findFirst();
        if (text.length() > longest) {
            error("'" + field[field.length - 1] + "' is too long", expected, text.length() + " characters", field);
        } else if (wrong.isPresent()) {
            error("'" + field[field.length - 1] + "' has a character that no text may have", expected,
                    String.format(Locale.ROOT, "U+%04X", wrong.getAsInt()), field);
        }
    }

    /** Control characters but line breaks and tabs, and unpaired surrogates, which UTF-8 cannot encode. */
    private static boolean isNoCharacter(int codePoint) {
        return Character.isISOControl(codePoint) && codePoint != '\n' && codePoint != '\t'
                || Character.getType(codePoint) == Character.SURROGATE;
    }

    private void error(String message, String expected, String actual, String... field) {
        List<String> all = new ArrayList<>(List.of(place));
        all.addAll(List.of(field));
        errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, message).at(JsonPointer.of(all.toArray()))
                .expected(expected, actual));
    }
}

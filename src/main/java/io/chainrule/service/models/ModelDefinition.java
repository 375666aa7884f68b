package io.chainrule.service.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.core.Shapes;
import io.chainrule.core.StoredProgram;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * All that a version of a model consists of. It has the digests of the values that the model keeps, not the values themselves.
 *
 * @param program as {@link ProgramFormat} writes it
 * @param inputs what each call gives
 * @param output the shape of the output, where it is known
 * @param kept the inputs whose values are kept
 * @param outputs what nodes of the program are, by id
 * @param models those that a text or a graph calls, by the references in it; values that they keep are among those of this model
 * @param calls the names of all models that the program calls, directly or through other models
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ModelDefinition(JsonNode program, List<ModelInput> inputs,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Object> output, Map<String, Kept> kept,
        Map<String, String> outputs, @Nullable String description, @Nullable String licence, List<String> tags,
        Map<String, ModelDefinition> models, Set<String> calls) {
    /** A version keeps the values of no more inputs, and its file has no more arrays. */
    static final int MOST_KEPT = 10_000;
    /** A model that is stored as a text contains others up to this depth, and so many bytes of their definitions. */
    static final int MOST_NESTED = 50;
    static final int MOST_NESTED_BYTES = 1_000_000;

    /**
     * What has been stored is read, however long its names and texts are. The parser keeps no table of names. All models would share it,
     * and colliding names of one client would keep the parser from reading the models of others.
     */
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES).streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE).maxNameLength(Integer.MAX_VALUE).maxNestingDepth(Integer.MAX_VALUE).build())
            .streamWriteConstraints(StreamWriteConstraints.builder().maxNestingDepth(Integer.MAX_VALUE).build()).build()).build();

    public ModelDefinition {
        inputs = inputs == null ? List.of() : inputs;
        kept = kept == null ? Map.of() : kept;
        outputs = outputs == null ? Map.of() : outputs;
        tags = tags == null ? List.of() : tags;
        models = models == null ? Map.of() : models;
        calls = calls == null ? Set.of() : Collections.unmodifiableSortedSet(new TreeSet<>(calls));
    }

    /** A value that is kept: the digest of its elements, in little-endian order, and its shape. */
    public record Kept(String digest, List<Integer> shape) {}

    static ModelDefinition read(byte[] json) {
        return JSON.readValue(json, ModelDefinition.class);
    }

    /** Writes the definition with sorted members, so that two requests whose members differ only in order give the same bytes. */
    byte[] json() {
        return JSON.writeValueAsBytes(new ModelDefinition(program, inputs, output, new TreeMap<>(kept), new TreeMap<>(outputs), description,
                licence, tags, models, calls));
    }

    /** The digests and shapes of values. */
    static Map<String, Kept> kept(Map<String, Tensor> values) {
        Map<String, Kept> kept = new LinkedHashMap<>();
        values.forEach((name, value) -> kept.put(name, new Kept(Contents.digestOf(value), value.shape().toList())));
        return kept;
    }

    ModelDefinition keeping(Map<String, Tensor> values) {
        return new ModelDefinition(program, inputs, output, kept(values), outputs, description, licence, tags, models, calls);
    }

    /** The definition as it stands within another. The shape of the output is left out, since files of models do not have it. */
    ModelDefinition nested() {
        return new ModelDefinition(program, inputs, null, kept, outputs, description, licence, tags, models, calls);
    }

    /** The shapes of the values that models within this one keep, by the names that they have in this one: {@code digits.W}. */
    Map<String, List<Integer>> keptByModels() {
        Map<String, List<Integer>> all = new LinkedHashMap<>();
        models.forEach((name, model) -> {
            model.kept.forEach((input, value) -> all.put(name + "." + input, value.shape));
            model.keptByModels().forEach((input, shape) -> all.putIfAbsent(name + "." + input, shape));
        });
        return all;
    }

    /** Throws {@link ProblemException} if it keeps the values of more inputs than a version may. */
    void checkKept() {
        if (kept.size() > MOST_KEPT) {
            throw new ProblemException(Problem.of(ProblemCode.INVALID_VALUE, "a model keeps the values of too many inputs")
                    .expected("at most " + MOST_KEPT + " inputs", String.valueOf(kept.size()))
                    .hint("put numbers that belong together into arrays"));
        }
    }

    /** The names of these models, and of all that they call, directly or through others. */
    static Set<String> calls(Map<String, ModelDefinition> models) {
        Set<String> all = new TreeSet<>();
        models.forEach((name, model) -> {
            all.add(ModelName.nameOf(name));
            all.addAll(model.allCalls());
        });
        return all;
    }

    /** The names of all models that it calls, also where it contains them and {@code calls}, as a file has it, leaves them out. */
    Set<String> allCalls() {
        Set<String> all = calls(models);
        all.addAll(calls);
        return all;
    }

    /** The bytes of all values that are kept. */
    long keptBytes() {
        return kept.values().stream().mapToLong(value -> Double.BYTES * Shape.of(value.shape).size()).sum();
    }

    /** How many models are within this one, one in another. */
    int depth() {
        return models.values().stream().mapToInt(model -> 1 + model.depth()).max().orElse(0);
    }

    /** The part of the definition that determines the compiled program. Kept values, descriptions and tags are not part of it. */
    private ModelDefinition bare() {
        Map<String, Kept> shapes = new LinkedHashMap<>();
        kept.forEach((name, value) -> shapes.put(name, new Kept("", value.shape)));
        return new ModelDefinition(program, inputs.stream().map(input -> new ModelInput(input.name(), input.shape(), null, null)).toList(),
                null, shapes, Map.of(), null, null, List.of(), bare(models), Set.of());
    }

    private static Map<String, ModelDefinition> bare(Map<String, ModelDefinition> models) {
        Map<String, ModelDefinition> bare = new LinkedHashMap<>();
        models.forEach((name, model) -> bare.put(name, model.bare()));
        return bare;
    }

    StoredProgram stored(ProgramFormat format) {
        Map<String, StoredProgram> called = new LinkedHashMap<>();
        models.forEach((name, model) -> called.put(name, model.stored(format)));
        Map<String, Shape> shapes = new LinkedHashMap<>();
        kept.forEach((name, value) -> shapes.put(name, Shape.of(value.shape)));
        return new StoredProgram(Contents.digest(bare().json()), format.read(program, called),
                inputs.stream().map(ModelInput::name).toList(), ModelInput.declared(inputs), Shapes.of(shapes));
    }

    /** The digests of all contents that this definition needs, its own included. */
    Set<String> contents(String own) {
        Set<String> all = new LinkedHashSet<>(Set.of(own));
        kept.values().forEach(value -> all.add(value.digest));
        return all;
    }
}

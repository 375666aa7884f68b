package io.chainrule.web.v1.models;

import io.chainrule.core.tensor.Shape;
import io.chainrule.service.models.DefinitionFormat;
import io.chainrule.service.models.ModelDefinition;
import io.chainrule.service.models.ModelVersion;
import io.chainrule.service.run.Limits;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.problem.UnreadableBody;
import io.chainrule.web.v1.JsonPointer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Definitions in files, as {@link ModelFile}s. */
@Component
final class StoredModelFile implements DefinitionFormat {
    private static final List<String> PROGRAMS = List.of("expression", "graph", "network");

    private final JsonMapper json;
    private final Limits limits;

    StoredModelFile(JsonMapper json, Limits limits) {
        this.json = json;
        this.limits = limits;
    }

    @Override
    public byte[] write(ModelVersion version, ModelDefinition definition) {
        return json.writerWithDefaultPrettyPrinter().writeValueAsBytes(tree(version, definition));
    }

    /** Programs stand there as they are stored. */
    private ObjectNode tree(@Nullable ModelVersion version, ModelDefinition definition) {
        Map<String, ModelInputSpec> inputs = new LinkedHashMap<>();
        definition.inputs().forEach(input -> inputs.put(input.name(), new ModelInputSpec(input.shape(), input.range(), input.text())));
        Map<String, ModelFile.Kept> kept = new LinkedHashMap<>();
        definition.kept().forEach((name, value) -> kept.put(name, new ModelFile.Kept(value.digest(), Shape.of(value.shape()))));
        ObjectNode tree = json.valueToTree(new ModelFile(ModelFile.FORMAT, version == null ? null : version.name(),
                version == null ? null : version.version(), definition.description(), definition.licence(), definition.tags(), inputs,
                definition.outputs(), kept, null, null, null, null, List.copyOf(definition.calls())));
        tree.setAll((ObjectNode) definition.program());
        if (!definition.models().isEmpty()) {
            ObjectNode models = tree.putObject("models");
            definition.models().forEach((name, model) -> models.set(name, tree(null, model)));
        }
        return tree;
    }

    @Override
    public ModelDefinition read(byte[] file) {
        try {
            JsonNode tree = json.readTree(file);
            if (!tree.isObject()) {
                throw refusal("the file does not describe a model", "an object of JSON", tree.getNodeType().name().toLowerCase(Locale.ROOT),
                        List.of());
            }
            return definition(json.treeToValue(tree, ModelFile.class), tree, List.of());
        } catch (RequestException e) {
            throw inFile(e);
        } catch (JacksonException e) {
            throw inFile(new RequestException(UnreadableBody.error(e)));
        }
    }

    private static RequestException inFile(RequestException refusal) {
        return refusal.with(error -> new ErrorDetail(error.code(), "model.json: " + error.message(), error.pointer(), error.parameter(),
                error.node(), error.line(), error.column(), error.expected(), error.actual(), error.hint()));
    }

    private ModelDefinition definition(ModelFile file, JsonNode tree, List<String> place) {
        if (file.format() != ModelFile.FORMAT) {
            throw refusal("'format' is a version that is not known here", String.valueOf(ModelFile.FORMAT), String.valueOf(file.format()),
                    place, "format");
        }
        ObjectNode program = json.createObjectNode();
        PROGRAMS.stream().filter(tree::hasNonNull).forEach(field -> program.set(field, tree.get(field)));
        if (program.size() != 1) {
            throw refusal("a model has one program", "one of " + String.join(", ", PROGRAMS), String.valueOf(program.size()), place);
        }
        Map<String, ModelDefinition> models = new LinkedHashMap<>();
        if (file.models() != null) {
            file.models().forEach((name, model) -> {
                List<String> inner = new ArrayList<>(place);
                inner.addAll(List.of("models", name));
                models.put(name, definition(model, tree.path("models").path(name), inner));
            });
        }
        return ModelMapper.definition(file, program, models, limits.tensorElements(), place.toArray(String[]::new));
    }

    private static RequestException refusal(String message, String expected, String actual, List<String> place, String... field) {
        List<String> all = new ArrayList<>(place);
        all.addAll(List.of(field));
        return new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, message).at(JsonPointer.of(all.toArray()))
                .expected(expected, actual));
    }
}

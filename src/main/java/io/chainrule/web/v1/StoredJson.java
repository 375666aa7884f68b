package io.chainrule.web.v1;

import io.chainrule.core.Source;
import io.chainrule.core.StoredProgram;
import io.chainrule.core.language.Language;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.LayerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.service.models.ProgramFormat;
import io.chainrule.web.json.ArrayForm;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.RequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Programs in the store, as the fields of requests. */
@Component
final class StoredJson implements ProgramFormat {
    private static final String EXPRESSION = "expression";
    private static final String GRAPH = "graph";
    private static final String NETWORK = "network";

    private final JsonMapper json;

    StoredJson(JsonMapper json) {
        this.json = json;
    }

    @Override
    public JsonNode write(Source source) {
        ObjectNode program = json.createObjectNode();
        switch (source) {
            case Source.Text(String expression, _) -> program.put(EXPRESSION, expression);
            case Source.Nodes nodes -> {
                ObjectNode graph = tree(new ResponseMapper(ArrayForm.BASE64, Language.EN).graph(nodes));
                if (!nodes.aliases().isEmpty()) {
                    graph.set("aliases", json.valueToTree(nodes.aliases()));
                }
                program.set(GRAPH, graph);
            }
            case Source.Network network -> program.set(NETWORK, json.valueToTree(network(network.spec())));
            case Source.Stored stored -> throw new IllegalArgumentException(stored.toString());
        }
        return program;
    }

    /** Arrays are written as text, a piece at a time, which a tree does not take. */
    private ObjectNode tree(Object value) {
        return (ObjectNode) json.readTree(json.writeValueAsBytes(value));
    }

    private static NetworkProgram network(NetworkSpec spec) {
        LossSpec loss = spec.loss();
        boolean isPlain = spec.l1() == 0 && spec.l2() == 0;
        return new NetworkProgram(new NetworkProgram.Data(spec.input().name(), spec.input().shape()),
                spec.layers().stream().map(StoredJson::layer).toList(),
                loss == null ? null : new NetworkProgram.Loss(loss.type(), loss.target(), sorted(loss.options())),
                isPlain ? null : new NetworkProgram.Regularization(spec.l1(), spec.l2()));
    }

    private static NetworkLayer layer(LayerSpec layer) {
        return new NetworkLayer(layer.type(), layer.name(), sorted(layer.options()), initializer(layer.initializer()),
                layer.layers().isEmpty() ? null : layer.layers().stream().map(StoredJson::layer).toList());
    }

    private static @Nullable NetworkInitializer initializer(@Nullable InitializerSpec initializer) {
        return initializer == null ? null : new NetworkInitializer(initializer.scheme(), null, sorted(initializer.options()));
    }

    /** Sorts options by their names, so that networks that differ in the order of options alone have equal digests. */
    private static Map<String, Object> sorted(Map<String, Object> options) {
        return new TreeMap<>(options);
    }

    @Override
    public Source read(JsonNode program, Map<String, StoredProgram> models) {
        List<ErrorDetail> errors = new ArrayList<>();
        Source source = read(program, models, errors);
        if (!errors.isEmpty()) {
            throw new RequestException(errors);
        }
        return source;
    }

    private Source read(JsonNode program, Map<String, StoredProgram> models, List<ErrorDetail> errors) {
        if (program.has(EXPRESSION)) {
            return new Source.Text(program.get(EXPRESSION).asString(), models);
        } else if (program.has(GRAPH)) {
            GraphProgram graph = json.treeToValue(program.get(GRAPH), GraphProgram.class);
            return new GraphMapper(errors).source(graph, models);
        }
        NetworkProgram network = json.treeToValue(Objects.requireNonNull(program.get(NETWORK)), NetworkProgram.class);
        return new Source.Network(new NetworkMapper(errors).spec(network), InitializerSpec.DEFAULT, false, 0);
    }
}

package io.chainrule.core.rows;

import static io.chainrule.core.rows.PlainValues.integer;
import static io.chainrule.core.rows.PlainValues.list;
import static io.chainrule.core.rows.PlainValues.map;
import static io.chainrule.core.rows.PlainValues.optionalText;
import static io.chainrule.core.rows.PlainValues.shape;
import static io.chainrule.core.rows.PlainValues.text;
import static io.chainrule.core.rows.PlainValues.texts;

import io.chainrule.core.Shapes;
import io.chainrule.core.Source;
import io.chainrule.core.StoredProgram;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.InputSpec;
import io.chainrule.core.network.LayerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.tensor.DeclaredShape;
import io.chainrule.core.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Sources of programs as maps, lists, texts and numbers; those that are stored with all that they are made of. */
final class PlainSources {
    private static final String EXPRESSION = "expression";
    private static final String NODES = "nodes";
    private static final String MODELS = "models";
    private static final String ALIASES = "aliases";
    private static final String LAYERS = "layers";
    private static final String STORED = "stored";

    private PlainSources() {}

    static Map<String, Object> plain(Source source) {
        Map<String, Object> plain = new LinkedHashMap<>();
        switch (source) {
            case Source.Text(String expression, Map<String, StoredProgram> models) -> {
                plain.put(EXPRESSION, expression);
                plain.put(MODELS, map(models, PlainSources::plain));
            }
            case Source.Nodes(List<NodeSpec> nodes, String output, Map<String, StoredProgram> models, Map<String, String> aliases) -> {
                plain.put(NODES, nodes.stream().map(PlainSources::plain).toList());
                plain.put("output", output);
                plain.put(MODELS, map(models, PlainSources::plain));
                plain.put(ALIASES, aliases);
            }
            case Source.Network network -> plain.putAll(plain(network));
            case Source.Stored(StoredProgram program) -> plain.put(STORED, plain(program));
        }
        return plain;
    }

    static Source source(Map<String, Object> plain) {
        if (plain.containsKey(EXPRESSION)) {
            return new Source.Text(text(plain, EXPRESSION), map(map(plain.get(MODELS)), PlainSources::stored));
        } else if (plain.containsKey(NODES)) {
            return new Source.Nodes(list(plain.get(NODES), PlainSources::node), optionalText(plain, "output"),
                    map(map(plain.get(MODELS)), PlainSources::stored), map(map(plain.get(ALIASES)), String.class::cast));
        } else if (plain.containsKey(STORED)) {
            return new Source.Stored(stored(plain.get(STORED)));
        }
        return network(plain);
    }

    private static Map<String, Object> plain(StoredProgram program) {
        Map<String, Object> plain = new LinkedHashMap<>();
        plain.put("digest", program.digest());
        plain.put("source", plain(program.source()));
        plain.put("inputs", program.inputs());
        plain.put("declared", map(program.declared(), DeclaredShape::axes));
        plain.put("kept", map(program.kept().toMap(), Shape::toList));
        return plain;
    }

    private static StoredProgram stored(@Nullable Object program) {
        Map<String, Object> plain = map(program);
        return new StoredProgram(text(plain, "digest"), source(map(plain.get("source"))), texts(plain.get("inputs")),
                map(map(plain.get("declared")), axes -> new DeclaredShape(list(axes, axis -> axis))),
                Shapes.of(map(map(plain.get("kept")), PlainValues::shape)));
    }

    private static Map<String, Object> plain(NodeSpec node) {
        Map<String, Object> plain = new LinkedHashMap<>();
        plain.put("id", node.id());
        plain.put("op", node.op());
        plain.put("inputs", PlainValues.plain(node.inputs()));
        plain.put("attributes", map(node.attributes(), PlainValues::plain));
        return plain;
    }

    private static NodeSpec node(Object node) {
        Map<String, Object> plain = map(node);
        return new NodeSpec(optionalText(plain, "id"), optionalText(plain, "op"), list(plain.get("inputs"), PlainValues::value),
                map(map(plain.get("attributes")), PlainValues::value));
    }

    private static Map<String, Object> plain(Source.Network network) {
        NetworkSpec spec = network.spec();
        Map<String, Object> plain = new LinkedHashMap<>();
        plain.put("input", spec.input().name());
        plain.put("shape", spec.input().shape().toList());
        plain.put(LAYERS, spec.layers().stream().map(PlainSources::plain).toList());
        LossSpec loss = spec.loss();
        if (loss != null) {
            plain.put("loss", Map.of("type", loss.type(), "target", loss.target(), "options", map(loss.options(), PlainValues::plain)));
        }
        plain.put("l1", PlainValues.plain(spec.l1()));
        plain.put("l2", PlainValues.plain(spec.l2()));
        plain.put("initializer", plain(network.initializer()));
        plain.put("training", network.training());
        plain.put("seed", network.seed());
        return plain;
    }

    private static Source.Network network(Map<String, Object> plain) {
        LossSpec loss = null;
        if (plain.get("loss") != null) {
            Map<String, Object> written = map(plain.get("loss"));
            loss = new LossSpec(text(written, "type"), text(written, "target"), options(written));
        }
        NetworkSpec spec = new NetworkSpec(new InputSpec(text(plain, "input"), shape(plain.get("shape"))),
                list(plain.get(LAYERS), PlainSources::layer), loss, (Double) PlainValues.value(Objects.requireNonNull(plain.get("l1"))),
                (Double) PlainValues.value(Objects.requireNonNull(plain.get("l2"))));
        return new Source.Network(spec, initializer(map(plain.get("initializer"))), Boolean.TRUE.equals(plain.get("training")),
                integer(plain, "seed"));
    }

    private static Map<String, Object> plain(LayerSpec layer) {
        Map<String, Object> plain = new LinkedHashMap<>();
        plain.put("type", layer.type());
        plain.put("name", layer.name());
        plain.put("options", map(layer.options(), PlainValues::plain));
        plain.put(LAYERS, layer.layers().stream().map(PlainSources::plain).toList());
        plain.put("initializer", layer.initializer() == null ? null : plain(layer.initializer()));
        return plain;
    }

    private static LayerSpec layer(Object layer) {
        Map<String, Object> plain = map(layer);
        return new LayerSpec(optionalText(plain, "type"), optionalText(plain, "name"), options(plain),
                list(plain.get(LAYERS), PlainSources::layer),
                plain.get("initializer") == null ? null : initializer(map(plain.get("initializer"))));
    }

    private static Map<String, Object> plain(InitializerSpec initializer) {
        return Map.of("scheme", initializer.scheme(), "options", map(initializer.options(), PlainValues::plain));
    }

    private static InitializerSpec initializer(Map<String, Object> plain) {
        return new InitializerSpec(text(plain, "scheme"), options(plain));
    }

    private static Map<String, Object> options(Map<String, Object> plain) {
        return map(map(plain.get("options")), PlainValues::value);
    }
}

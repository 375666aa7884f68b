package io.chainrule.web.v1.catalogue;

import io.chainrule.core.language.Language;
import io.chainrule.core.network.ExampleSpec;
import io.chainrule.core.network.LayerSpec;
import io.chainrule.core.network.LayerType;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.LossType;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.op.Catalogue;
import io.chainrule.service.program.TypeCatalogue;
import io.chainrule.web.json.ArrayForm;
import io.chainrule.web.v1.ResponseMapper;
import io.chainrule.web.v1.catalogue.TypeResponse.ExampleResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes request bodies that show the types of the catalogues. */
final class ExampleRequests {
    /** The training that the examples of optimizers and schedules share: it fits a line to points. */
    private static final Map<String, Object> LINE = new LinkedHashMap<>();

    static {
        LINE.put("expression", "loss = (w * x + b - y)^2");
        LINE.put("inputs", ordered("x", List.of(0, 1, 2, 3), "y", List.of(1, 3, 5, 7), "w", 0, "b", 0));
        LINE.put("wrt", List.of("w", "b"));
        LINE.put("batch", List.of("x", "y"));
        LINE.put("epochs", 20);
    }

    private ExampleRequests() {}

    /** A request that shows a type. */
    static ExampleResponse of(TypeCatalogue catalogue, Catalogue.Entry type) {
        return switch (type) {
            case LayerType layer -> network(ExampleSpec.of(layer));
            case LossType loss -> network(ExampleSpec.of(loss));
            default -> catalogue == TypeCatalogue.INITIALIZERS
                    ? network(ExampleSpec.of(type.name(), type.example()))
                    : training(catalogue, type);
        };
    }

    private static ExampleResponse training(TypeCatalogue catalogue, Catalogue.Entry type) {
        Map<String, Object> chosen = withOptions(ordered("type", type.name()), type.example());
        Map<String, Object> request = new LinkedHashMap<>(LINE);
        if (catalogue == TypeCatalogue.SCHEDULES) {
            request.put("optimizer", ordered("type", "sgd", "lr", 0.1));
            request.put("schedule", chosen);
        } else {
            request.put("optimizer", chosen);
        }
        return new ExampleResponse("/v1/train", request);
    }

    private static ExampleResponse network(ExampleSpec example) {
        NetworkSpec network = example.network();
        Map<String, Object> fields = ordered("input", ordered("name", network.input().name(), "shape", network.input().shape().toList()),
                "layers", network.layers().stream().map(ExampleRequests::layer).toList());
        LossSpec loss = network.loss();
        if (loss != null) {
            fields.put("loss", withOptions(ordered("type", loss.type(), "target", loss.target()), loss.options()));
        }
        Map<String, Object> request = ordered("network", fields);
        if (example.initializer() != null) {
            request.put("initializer", withOptions(ordered("scheme", example.initializer().scheme()), example.initializer().options()));
        }
        request.put("inputs", new TreeMap<>(new ResponseMapper(ArrayForm.NESTED, Language.EN).encode(example.inputs())));
        return new ExampleResponse("/v1/gradient", request);
    }

    private static Map<String, Object> layer(LayerSpec layer) {
        Map<String, Object> fields = withOptions(ordered("type", String.valueOf(layer.type())), layer.options());
        if (!layer.layers().isEmpty()) {
            fields.put("layers", layer.layers().stream().map(ExampleRequests::layer).toList());
        }
        return fields;
    }

    private static Map<String, Object> withOptions(Map<String, Object> fields, Map<String, Object> options) {
        fields.putAll(new TreeMap<>(options));
        return fields;
    }

    /** Names and values in turn. */
    private static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }
}

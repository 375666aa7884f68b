package io.chainrule.web.v1;

import io.chainrule.core.network.ExampleSpec;
import io.chainrule.core.network.LayerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.service.program.TypeCatalogue;
import io.chainrule.service.program.TypeSummary.Example;
import io.chainrule.web.json.ArrayForm;
import io.chainrule.web.v1.TypeResponse.ExampleResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Examples of the catalogues as bodies of requests. */
final class ExampleRequests {
    /** A line through points, found by gradients: what differs is how. */
    private static final Map<String, Object> LINE = new LinkedHashMap<>();

    static {
        LINE.put("expression", "loss = (w * x + b - y)^2");
        LINE.put("inputs", ordered("x", List.of(0, 1, 2, 3), "y", List.of(1, 3, 5, 7), "w", 0, "b", 0));
        LINE.put("wrt", List.of("w", "b"));
        LINE.put("batch", List.of("x", "y"));
        LINE.put("epochs", 20);
    }

    private ExampleRequests() {}

    static ExampleResponse response(Example example) {
        return switch (example) {
            case Example.Network(ExampleSpec spec) -> new ExampleResponse("/v1/gradient", network(spec));
            case Example.Training training -> new ExampleResponse("/v1/train", training(training));
        };
    }

    private static Map<String, Object> training(Example.Training training) {
        Map<String, Object> chosen = withOptions(ordered("type", training.type()), training.options());
        Map<String, Object> request = new LinkedHashMap<>(LINE);
        if (training.kind() == TypeCatalogue.SCHEDULES) {
            request.put("optimizer", ordered("type", "sgd", "lr", 0.1));
            request.put("schedule", chosen);
        } else {
            request.put("optimizer", chosen);
        }
        return request;
    }

    private static Map<String, Object> network(ExampleSpec example) {
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
        request.put("inputs", new TreeMap<>(new ResponseMapper(ArrayForm.NESTED).encode(example.inputs())));
        return request;
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

package io.chainrule.web.v1;

import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.InputSpec;
import io.chainrule.core.network.LayerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.Source;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From a request's network to the core's; notes what is missing. */
final class NetworkMapper {
    private static final Set<String> NO_OPTIONS = Set.of("type", "name", "target", "scheme", "seed", "initializer", "layers");

    private final List<ErrorDetail> errors;

    NetworkMapper(List<ErrorDetail> errors) {
        this.errors = errors;
    }

    Source.Network source(NetworkProgram network, ProgramRequest request) {
        NetworkInitializer initializer = request.initializer();
        long seed = Objects.requireNonNullElse(request.seed(), 0L);
        return new Source.Network(spec(network), initializer == null ? InitializerSpec.DEFAULT : initializer(initializer),
                Objects.requireNonNullElse(request.training(), false), seed);
    }

    private NetworkSpec spec(NetworkProgram network) {
        NetworkProgram.Data input = required(network.input(), "/network/input", new NetworkProgram.Data("x", Shape.SCALAR));
        InputSpec data = new InputSpec(required(input.name(), "/network/input/name", ""),
                required(input.shape(), "/network/input/shape", Shape.SCALAR));
        List<LayerSpec> layers = layers(required(network.layers(), "/network/layers", List.of()), "/network/layers");
        NetworkProgram.Regularization regularization = network.regularization();
        return new NetworkSpec(data, layers, network.loss() == null ? null : loss(network.loss()),
                regularization == null ? 0 : Objects.requireNonNullElse(regularization.l1(), 0.0),
                regularization == null ? 0 : Objects.requireNonNullElse(regularization.l2(), 0.0));
    }

    private LossSpec loss(NetworkProgram.Loss loss) {
        return new LossSpec(required(loss.type(), "/network/loss/type", ""), required(loss.target(), "/network/loss/target", ""),
                options(loss));
    }

    private List<LayerSpec> layers(List<NetworkLayer> layers, String pointer) {
        List<LayerSpec> specs = new ArrayList<>(layers.size());
        for (NetworkLayer layer : layers) {
            specs.add(layer(layer, pointer + "/" + specs.size()));
        }
        return specs;
    }

    private LayerSpec layer(NetworkLayer layer, String pointer) {
        NetworkInitializer initializer = layer.initializer();
        if (initializer != null && initializer.seed() != null) {
            errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, "the seed is one for the whole network, in the request's 'initializer'")
                    .at(pointer + "/initializer/seed").expected("no seed", initializer.seed().toString()));
        }
        return new LayerSpec(layer.type(), layer.name(), options(layer),
                layers(Objects.requireNonNullElse(layer.layers(), List.of()), pointer + "/layers"),
                initializer == null ? null : initializer(initializer));
    }

    private static InitializerSpec initializer(NetworkInitializer initializer) {
        return new InitializerSpec(Objects.requireNonNullElse(initializer.scheme(), InitializerSpec.DEFAULT.scheme()),
                options(initializer));
    }

    private <T> T required(@Nullable T value, String pointer, T placeholder) {
        if (value == null) {
            String field = pointer.substring(pointer.lastIndexOf('/') + 1);
            errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, "there is no '" + field + "'").at(pointer).expected(field, "nothing"));
            return placeholder;
        }
        return value;
    }

    /** The fields of a record that were given, but for those that say what it is, as the core takes options. */
    private static Map<String, Object> options(Record fields) {
        Map<String, Object> options = new LinkedHashMap<>();
        for (RecordComponent field : fields.getClass().getRecordComponents()) {
            Object value = NO_OPTIONS.contains(field.getName()) ? null : value(fields, field);
            if (value != null) {
                options.put(field.getName(), option(value));
            }
        }
        return options;
    }

    private static @Nullable Object value(Record fields, RecordComponent field) {
        try {
            return field.getAccessor().invoke(fields);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object option(Object value) {
        return switch (value) {
            case Number number -> number.doubleValue();
            case List<?> list -> list.stream().map(NetworkMapper::option).toList();
            default -> value;
        };
    }
}

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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** From a request's network to the core's; notes what is missing. */
final class NetworkMapper {
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
                loss.options());
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
        return new LayerSpec(layer.type(), layer.name(), layer.options(),
                layers(Objects.requireNonNullElse(layer.layers(), List.of()), pointer + "/layers"),
                initializer == null ? null : initializer(initializer));
    }

    private static InitializerSpec initializer(NetworkInitializer initializer) {
        return new InitializerSpec(Objects.requireNonNullElse(initializer.scheme(), InitializerSpec.DEFAULT.scheme()),
                initializer.options());
    }

    private <T> T required(@Nullable T value, String pointer, T placeholder) {
        if (value == null) {
            String field = pointer.substring(pointer.lastIndexOf('/') + 1);
            errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, "there is no '" + field + "'").at(pointer).expected(field, "nothing"));
            return placeholder;
        }
        return value;
    }
}

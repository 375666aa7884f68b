package io.chainrule.web.v1;

import io.chainrule.core.graph.Place;
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

/** Maps a request's network to the core's, and collects errors for what is missing. */
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

    NetworkSpec spec(NetworkProgram network) {
        NetworkProgram.Data input = required(network.input(), Place.network("input"), new NetworkProgram.Data("x", Shape.SCALAR));
        InputSpec data = new InputSpec(required(input.name(), Place.network("input", "name"), ""),
                required(input.shape(), Place.network("input", "shape"), Shape.SCALAR));
        List<LayerSpec> layers = layers(required(network.layers(), Place.network("layers"), List.of()), Place.OfLayer.at(List.of()));
        NetworkProgram.Regularization regularization = network.regularization();
        return new NetworkSpec(data, layers, network.loss() == null ? null : loss(network.loss()),
                regularization == null ? 0 : Objects.requireNonNullElse(regularization.l1(), 0.0),
                regularization == null ? 0 : Objects.requireNonNullElse(regularization.l2(), 0.0));
    }

    private LossSpec loss(NetworkProgram.Loss loss) {
        return new LossSpec(required(loss.type(), Place.network("loss", "type"), ""),
                required(loss.target(), Place.network("loss", "target"), ""),
                loss.options());
    }

    private List<LayerSpec> layers(List<NetworkLayer> layers, Place.OfLayer outside) {
        List<LayerSpec> specs = new ArrayList<>(layers.size());
        for (NetworkLayer layer : layers) {
            specs.add(layer(layer, outside.inner(specs.size())));
        }
        return specs;
    }

    private LayerSpec layer(NetworkLayer layer, Place.OfLayer place) {
        NetworkInitializer initializer = layer.initializer();
        if (initializer != null && initializer.seed() != null) {
            errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, "the seed is one for the whole network, in the request's 'initializer'")
                    .at(JsonPointer.of(place.part("initializer").part("seed"))).expected("no seed", initializer.seed().toString()));
        }
        return new LayerSpec(layer.type(), layer.name(), layer.options(),
                layers(Objects.requireNonNullElse(layer.layers(), List.of()), place),
                initializer == null ? null : initializer(initializer));
    }

    private static InitializerSpec initializer(NetworkInitializer initializer) {
        return new InitializerSpec(Objects.requireNonNullElse(initializer.scheme(), InitializerSpec.DEFAULT.scheme()),
                initializer.options());
    }

    private <T> T required(@Nullable T value, Place.OfPart place, T placeholder) {
        if (value == null) {
            String field = place.parts().getLast();
            errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, "there is no '" + field + "'").at(JsonPointer.of(place)).expected(field,
                    "nothing"));
            return placeholder;
        }
        return value;
    }
}

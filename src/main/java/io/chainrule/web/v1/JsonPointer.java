package io.chainrule.web.v1;

import io.chainrule.core.graph.Place;
import java.util.stream.Collectors;

/** JSON Pointers into a request (RFC 6901). */
public final class JsonPointer {
    private JsonPointer() {}

    public static String of(Object... steps) {
        StringBuilder pointer = new StringBuilder();
        for (Object step : steps) {
            pointer.append('/').append(step.toString().replace("~", "~0").replace("/", "~1"));
        }
        return pointer.toString();
    }

    /** The field of a request that a place in the core's terms refers to. */
    public static String of(Place place) {
        return switch (place) {
            case Place.OfLayer(var path, var parts) ->
                "/network" + path.stream().map(number -> "/layers/" + number).collect(Collectors.joining()) + of(parts.toArray());
            case Place.OfNode(int node, var parts) -> "/graph/nodes/" + node + of(parts.toArray());
            case Place.OfPart(var owner, var parts) -> switch (owner) {
                case NETWORK -> "/network";
                case NODE_LIST -> "/graph";
                case SETTINGS -> "";
            } + of(parts.toArray());
        };
    }
}

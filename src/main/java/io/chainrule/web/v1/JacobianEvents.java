package io.chainrule.web.v1;

import io.chainrule.core.CompiledJacobian;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.program.JacobianService;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Sends the entries of Jacobians to the client while they are computed. */
final class JacobianEvents implements JacobianService.Stream {
    private final EventStream events;
    private final ResponseMapper mapper;
    private Map<String, Shape> rows = Map.of();
    private Map<String, Shape> columns = Map.of();

    JacobianEvents(EventStream events, ResponseMapper mapper) {
        this.events = events;
        this.mapper = mapper;
    }

    @Override
    public void begins(CompiledJacobian function) {
        rows = function.rowShapes();
        columns = function.columnShapes();
        Map<String, Map<String, List<Integer>>> shapes = new LinkedHashMap<>();
        function.pairs().forEach((of, names) -> {
            Map<String, List<Integer>> row = new LinkedHashMap<>();
            names.forEach(wrt -> row.put(wrt, shape(of, wrt).toList()));
            shapes.put(of, row);
        });
        events.begin();
        events.send("begin",
                new JacobianBeginResponse(shapes, ResponseMapper.mode(function.mode()), function.passes(), function.entries()));
    }

    private Shape shape(String of, String wrt) {
        return Objects.requireNonNull(rows.get(of)).concat(Objects.requireNonNull(columns.get(wrt)));
    }

    @Override
    public void entries(String of, String wrt, int[] at, int[] by, double[] values) {
        events.check();
        Shape shape = shape(of, wrt);
        long width = Objects.requireNonNull(columns.get(wrt)).size();
        int[][] indices = new int[values.length][];
        for (int i = 0; i < values.length; i++) {
            indices[i] = shape.index(at[i] * width + by[i]);
        }
        events.send("entries", mapper.entries(of, wrt, indices, values));
    }
}

package io.chainrule.core.picture;

import io.chainrule.core.tensor.Checkpoint;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.eclipse.elk.alg.layered.LayeredLayoutProvider;
import org.eclipse.elk.alg.layered.options.GreedySwitchType;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.alg.layered.options.LayeringStrategy;
import org.eclipse.elk.alg.layered.options.NodePlacementStrategy;
import org.eclipse.elk.alg.layered.options.OrderingStrategy;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.PortConstraints;
import org.eclipse.elk.core.options.PortSide;
import org.eclipse.elk.core.options.SizeConstraint;
import org.eclipse.elk.core.util.NullElkProgressMonitor;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.ElkPort;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/** The layered layout of the Eclipse Layout Kernel. */
final class ElkLayering implements Layering {
    private static final double BETWEEN_NODES = 14;
    private static final double BETWEEN_LAYERS = 22;
    private static final double BETWEEN_WIRES = 7;
    /** Graphs whose wires cross more layers are placed in a way that takes half the time, and a twentieth more room. */
    private static final int LONG = 100;
    private static final int ORDERS_OF_LONG = 4;
    /**
     * Beyond so many layers every phase of the layout, which nothing stops before it ends, is one whose time grows little faster than the
     * number of layers, and boxes do not keep the order in which they were written.
     */
    private static final int VERY_LONG = 4000;
    /** Any number gives good pictures; a fixed one always the same. */
    private static final int SEED = 1;

    static {
        // Options with values that are copied have to be registered before they are read.
        LayoutMetaDataService.getInstance();
    }

    @Override
    public Placement place(List<Box> boxes, List<Wire> wires, int[] operands, Checkpoint checkpoint) {
        ElkNode graph = graph(Circuit.layersCrossed(boxes.size(), wires));
        List<ElkNode> nodes = new ArrayList<>();
        List<ElkPort> outlets = new ArrayList<>();
        for (Box box : boxes) {
            ElkNode node = ElkGraphUtil.createNode(graph);
            node.setDimensions(box.width(), box.height());
            node.setProperty(LayeredOptions.PORT_CONSTRAINTS, PortConstraints.FIXED_POS);
            node.setProperty(LayeredOptions.NODE_SIZE_CONSTRAINTS, EnumSet.noneOf(SizeConstraint.class));
            nodes.add(node);
            outlets.add(port(node, PortSide.EAST, box.width(), box.axis()));
        }
        List<ElkEdge> edges = new ArrayList<>();
        for (Wire wire : wires) {
            Box reader = boxes.get(wire.to());
            ElkPort inlet = port(nodes.get(wire.to()), PortSide.WEST, 0, reader.operand(wire.operand(), operands[wire.to()]));
            edges.add(ElkGraphUtil.createSimpleEdge(outlets.get(wire.from()), inlet));
        }
        new LayeredLayoutProvider().layout(graph, new Watched(checkpoint));
        return new Placement(nodes.stream().map(node -> new Placement.Point(node.getX(), node.getY())).toList(),
                edges.stream().map(ElkLayering::way).toList(),
                edges.stream().flatMap(edge -> edge.getProperty(LayeredOptions.JUNCTION_POINTS).stream())
                        .map(point -> new Placement.Point(point.x, point.y)).distinct().toList(),
                graph.getWidth(), graph.getHeight());
    }

    private static ElkNode graph(int layers) {
        ElkNode graph = ElkGraphUtil.createGraph();
        graph.setProperty(LayeredOptions.DIRECTION, Direction.RIGHT);
        graph.setProperty(LayeredOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
        graph.setProperty(LayeredOptions.RANDOM_SEED, SEED);
        if (layers <= VERY_LONG) {
            graph.setProperty(LayeredOptions.CONSIDER_MODEL_ORDER_STRATEGY, OrderingStrategy.PREFER_EDGES);
            graph.setProperty(LayeredOptions.NODE_PLACEMENT_STRATEGY,
                    layers > LONG ? NodePlacementStrategy.LINEAR_SEGMENTS : NodePlacementStrategy.NETWORK_SIMPLEX);
            if (layers > LONG) {
                graph.setProperty(LayeredOptions.THOROUGHNESS, ORDERS_OF_LONG);
            }
        } else {
            graph.setProperty(LayeredOptions.NODE_PLACEMENT_STRATEGY, NodePlacementStrategy.BRANDES_KOEPF);
            graph.setProperty(LayeredOptions.THOROUGHNESS, 1);
            graph.setProperty(LayeredOptions.CROSSING_MINIMIZATION_GREEDY_SWITCH_TYPE, GreedySwitchType.OFF);
            graph.setProperty(LayeredOptions.LAYERING_STRATEGY, LayeringStrategy.LONGEST_PATH_SOURCE);
        }
        graph.setProperty(LayeredOptions.SPACING_NODE_NODE, BETWEEN_NODES);
        graph.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, BETWEEN_LAYERS);
        graph.setProperty(LayeredOptions.SPACING_EDGE_NODE, BETWEEN_WIRES);
        graph.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, BETWEEN_WIRES);
        graph.setProperty(LayeredOptions.SPACING_EDGE_EDGE, BETWEEN_WIRES);
        graph.setProperty(LayeredOptions.SPACING_EDGE_EDGE_BETWEEN_LAYERS, BETWEEN_WIRES);
        return graph;
    }

    private static ElkPort port(ElkNode node, PortSide side, double x, double y) {
        ElkPort port = ElkGraphUtil.createPort(node);
        port.setProperty(LayeredOptions.PORT_SIDE, side);
        port.setLocation(x, y);
        return port;
    }

    private static List<Placement.Point> way(ElkEdge edge) {
        ElkEdgeSection section = edge.getSections().getFirst();
        List<Placement.Point> way = new ArrayList<>();
        way.add(new Placement.Point(section.getStartX(), section.getStartY()));
        section.getBendPoints().forEach(bend -> way.add(new Placement.Point(bend.getX(), bend.getY())));
        way.add(new Placement.Point(section.getEndX(), section.getEndY()));
        return List.copyOf(way);
    }

    /** Asks between the phases of the layout whether it may go on. */
    private static final class Watched extends NullElkProgressMonitor {
        private final Checkpoint checkpoint;

        Watched(Checkpoint checkpoint) {
            this.checkpoint = checkpoint;
        }

        @Override
        public boolean isCanceled() {
            checkpoint.check();
            return false;
        }
    }
}

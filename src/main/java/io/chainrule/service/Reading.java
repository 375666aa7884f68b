package io.chainrule.service;

import io.chainrule.core.execution.Deadline;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.network.LoweredNetwork;
import io.chainrule.core.network.Parameter;
import io.chainrule.core.network.Statistic;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The program that was read for a call.
 *
 * @param shapes of its inputs as they are given, as far as they are known
 * @param network what the program was lowered from; null where it was none
 * @param drawn the network's parameters that the service gave their first values
 */
record Reading(Call call, NamedGraph program, Map<String, Shape> shapes, @Nullable LoweredNetwork network, Map<String, Tensor> drawn) {

    static Reading of(Call call, NamedGraph program, Map<String, Shape> shapes) {
        return new Reading(call, program, new LinkedHashMap<>(shapes), null, Map.of());
    }

    /** A lowered network, of which the call names the parameters that it is differentiated by. */
    static Reading of(Call call, LoweredNetwork network, Map<String, Shape> given) {
        Map<String, Shape> shapes = new LinkedHashMap<>(given);
        network.parameters().forEach(parameter -> shapes.putIfAbsent(parameter.name(), parameter.shape()));
        network.statistics().forEach(statistic -> shapes.putIfAbsent(statistic.name(), statistic.shape()));
        if (network.step() != null) {
            shapes.putIfAbsent(network.step(), Shape.SCALAR);
        }
        List<String> wrt = call.wrt() == null ? network.parameters().stream().map(Parameter::name).toList() : call.wrt();
        return new Reading(call.withWrt(wrt), network.program(), shapes, network, Map.of());
    }

    /** By these names, unless the call names others. */
    Reading differentiatedBy(List<String> wrt) {
        return call.wrt() != null ? this : new Reading(call.withWrt(wrt), program, shapes, network, drawn);
    }

    /** With values for what the request gives none: parameters drawn from the seed, statistics and the step as they begin. */
    Reading begun(Limits limits, Budget.Reservation reservation, Deadline deadline) {
        if (network == null || !(call.source() instanceof Source.Network source)) {
            return this;
        }
        Map<String, Tensor> inputs = new LinkedHashMap<>(call.inputs());
        source.parameters().forEach((name, value) -> {
            if (program.find(name) != null) {
                inputs.put(name, value);
            }
        });
        List<Parameter> missing = network.parameters().stream().filter(parameter -> !inputs.containsKey(parameter.name())).toList();
        missing.forEach(parameter -> Limits.check("tensor-elements", parameter.shape().size(), limits.tensorElements()));
        long bytes = Double.BYTES * missing.stream().mapToLong(parameter -> parameter.shape().size()).sum();
        Limits.check("bytes", bytes, limits.bytes());
        reservation.add(bytes);
        Map<String, Tensor> values = new LinkedHashMap<>();
        for (Parameter parameter : missing) {
            deadline.check();
            values.put(parameter.name(), parameter.initial(source.initializerSeed(), deadline));
        }
        inputs.putAll(values);
        for (Statistic statistic : network.statistics()) {
            if (program.find(statistic.name()) != null) {
                inputs.computeIfAbsent(statistic.name(), _ -> Tensor.full(statistic.shape(), statistic.initial()));
            }
        }
        if (network.step() != null) {
            inputs.putIfAbsent(network.step(), Tensor.scalar(0));
        }
        return new Reading(call.withInputs(inputs), program, shapes, network, values);
    }
}

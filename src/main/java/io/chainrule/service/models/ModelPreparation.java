package io.chainrule.service.models;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.StoredForm;
import io.chainrule.core.StoredInputs;
import io.chainrule.core.StoredProgram;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.DeclaredShape;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Query;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.springframework.stereotype.Service;

/** Finds the forms in which models are stored. The store is not asked. */
@Service
public class ModelPreparation {
    /** What a node takes while it is written as JSON. */
    private static final int BYTES_A_NODE = 1_500;
    /** The memory in bytes that a byte of a constant's text takes while the text is written as JSON. */
    private static final int BYTES_A_BYTE = 6;
    /** Base64 has so many characters for so many bytes. */
    private static final double BASE64 = 4.0 / 3;
    /** The field of a model file that has the definitions of the models which its model calls. */
    private static final Place FILE = Place.setting("models");

    private final Functions functions;
    private final ProgramFormat format;
    private final ModelLibrary library;

    ModelPreparation(Functions functions, ProgramFormat format, ModelLibrary library) {
        this.functions = functions;
        this.format = format;
        this.library = library;
    }

    /** Finds the form in which a model is stored. Throws {@link ProblemException} for all that is wrong with the program. */
    public PreparedModel prepare(String name, NewModel model) {
        try {
            return prepare(name, model, Map.of());
        } catch (ProblemException e) {
            if (model.samples().isEmpty()) {
                throw e;
            }
            return prepare(name, model, model.samples());
        }
    }

    /** {@code samples} are shapes of inputs of which nothing else is said. */
    private PreparedModel prepare(String name, NewModel model, Map<String, Shape> samples) {
        Map<String, Tensor> values = new LinkedHashMap<>(model.query().values());
        ModelDefinition definition = functions.prepared(buildLimits -> definition(model, samples, values, buildLimits));
        checkCycles(name, model, definition.calls());
        return new PreparedModel(definition, values);
    }

    /**
     * Finds again the form of a model that has been stored before, in this service or another one. The values that it keeps are known by
     * their shapes alone. Throws as the other method.
     */
    ModelDefinition prepare(String name, ModelDefinition stored) {
        Set<String> calls = stored.allCalls();
        if (calls.contains(name)) {
            throw cycle(name, "the model in the file", Place.setting("calls"));
        }
        // Each model would be read once more for every model that contains it.
        checkNested(stored.models(), FILE);
        return functions.prepared(buildLimits -> {
            StoredProgram program = stored.stored(format);
            Map<String, ModelInput> said = new LinkedHashMap<>();
            stored.inputs().forEach(input -> said.put(input.name(), input));
            Problems problems = new Problems();
            ModelInput.checkKeptNotDescribed(stored.inputs(), stored.kept().keySet(), problems);
            problems.throwIfAny();
            checkParameters(program, buildLimits);
            StoredForm form = StoredForm.of(Program.of(program.source(), buildLimits.nesting()),
                    new StoredInputs(List.copyOf(said.keySet()), Set.of(), said.keySet(), program.declared(), program.kept()), null,
                    stored.outputs().keySet(), buildLimits);
            checkAreRead(form, stored.kept().keySet(), "kept");
            checkNestedValues(form, stored);
            return definition(form, said, stored, stored.models(), calls, FILE, buildLimits);
        });
    }

    /** Checks the values of the models that a text calls. The text keeps them, each under the name of its model and its own name. */
    private static void checkNestedValues(StoredForm form, ModelDefinition stored) {
        List<Problem> mistakes = new ArrayList<>();
        stored.keptByModels().forEach((name, shape) -> {
            ModelDefinition.Kept found = stored.kept().get(name);
            if (found == null && form.inputs().contains(name)) {
                mistakes.add(Problem.of(ProblemCode.MISSING_INPUT, "the file has no value of '" + name + "'").at(Place.setting("kept")));
            } else if (found != null && !found.shape().equals(shape)) {
                mistakes.add(Problem
                        .of(ProblemCode.SHAPE_MISMATCH, "the model that is called keeps '" + name + "' in another shape")
                        .at(Place.setting("kept", name, "shape")).expected(shape.toString(), found.shape().toString()));
            }
        });
        if (!mistakes.isEmpty()) {
            throw new ProblemException(mistakes);
        }
    }

    /** A network without its parameters would be another one each time that they are drawn. */
    private static void checkParameters(StoredProgram program, BuildLimits buildLimits) {
        if (program.source() instanceof Source.Network network) {
            checkKeepsNoData(network, program.kept().names(), name -> Place.setting("kept", name));
            Signature signature = Signature.of(new Transformation.Description(), Shapes.NONE).withMissing(Signature.Missing.DECLARED)
                    .withParameters(program.kept());
            Set<String> given = new TreeSet<>(program.kept().names());
            given.addAll(network.data());
            NamedGraph graph = Program.of(network, buildLimits.nesting()).bind(signature, buildLimits).program();
            List<Problem> missing = graph.inputs().stream().map(graph::id).filter(id -> !given.contains(id))
                    .map(id -> Problem.of(ProblemCode.MISSING_INPUT, "the file has no values of '" + id + "'").at(Place.setting("kept")))
                    .toList();
            if (!missing.isEmpty()) {
                throw new ProblemException(missing);
            }
        }
    }

    private static void checkKeepsNoData(Source.Network network, Set<String> kept, Function<String, Place> places) {
        List<Problem> mistakes = kept.stream().filter(network.data()::contains).map(name -> Problem
                .of(ProblemCode.INVALID_VALUE, "'" + name + "' is data, which each call gives; a network keeps its parameters alone")
                .at(places.apply(name)).expected("a parameter", "data")
                .hint("leave it out")).toList();
        if (!mistakes.isEmpty()) {
            throw new ProblemException(mistakes);
        }
    }

    private static void checkAreRead(StoredForm form, Set<String> given, String field) {
        Problems problems = new Problems();
        form.unread().stream().filter(given::contains).forEach(name -> problems.add(() -> Problem
                .of(ProblemCode.UNKNOWN_NODE, "the program does not read '" + name + "'").at(Place.setting(field, name))
                .hint(Nearest.hint(name, form.inputs()).orElse(null))));
        problems.throwIfAny();
    }

    /** {@code calls} are the names of all models that the model would call, directly or through others. */
    private static void checkCycles(String name, NewModel model, Set<String> calls) {
        if (calls.contains(name)) {
            String by = model.calls().entrySet().stream()
                    .filter(call -> ModelDefinition.calls(Map.of(call.getKey(), call.getValue().definition())).contains(name))
                    .map(call -> ModelName.nameOf(call.getKey())).findFirst().orElse("the model that is stored again");
            throw cycle(name, by, model.place());
        }
    }

    private static ProblemException cycle(String name, String called, Place place) {
        return new ProblemException(Problem.of(ProblemCode.CYCLE, "a model cannot call itself: " + name + " → " + called
                + (called.equals(name) ? "" : " → " + name)).at(place).hint("store it under another name"));
    }

    /** What is to be stored; {@code values} gets the initial values of a network's parameters that were not given. */
    private ModelDefinition definition(NewModel model, Map<String, Shape> samples, Map<String, Tensor> values, BuildLimits buildLimits) {
        Query query = model.query();
        Model base = model.base();
        Map<String, ModelInput> said = model.said(values.keySet());
        Set<String> arguments = Set.copyOf(model.before().keySet());
        Source source = base == null ? query.source() : base.program().source();
        if (model.isTrained() && source instanceof Source.Nodes nodes) {
            // The training has run this graph. A name that is not a node is therefore an input, not a mistake.
            source = nodes.withInputs();
        }
        Program program = Program.of(source, buildLimits.nesting());
        if (base == null) {
            Set<String> named = model.named(said.keySet(), values.keySet());
            program.parts().ifPresent(parts -> parts.defaults(named).forEach((name, value) -> values.put(name, Tensor.scalar(value))));
            // A training runs the definition for whose parameters it has values, also if these are not kept.
            program.parameters(named).stream().filter(name -> !values.containsKey(name))
                    .forEach(name -> said.putIfAbsent(name, new ModelInput(name, null, null, null)));
        }
        Set<String> former = new LinkedHashSet<>(said.keySet());
        model.inputs().forEach(input -> former.remove(input.name()));
        samples.forEach((name, shape) -> {
            ModelInput known = said.get(name);
            if (known == null) {
                former.add(name);
            }
            if (known == null || known.shape() == null) {
                said.put(name, (known == null ? new ModelInput(name, null, null, null) : known)
                        .withShape(new DeclaredShape(List.copyOf(shape.toList()))));
            }
        });
        if (source instanceof Source.Network network) {
            checkKeepsNoData(network, values.keySet(),
                    name -> Place.setting(query.inputs().containsKey(name) ? "inputs" : "parameters", name));
            // If both fields give a name, one of the two values would be lost.
            Map<String, Tensor> twice = new LinkedHashMap<>(query.inputs());
            twice.keySet().retainAll(query.parameters().keySet());
            Signature signature = Signature.of(new Transformation.Description(), Shapes.ofValues(twice))
                    .withMissing(Signature.Missing.DECLARED).withParameters(Shapes.ofValues(values));
            values.putAll(program.bind(signature, buildLimits).initialValues(values, query.initializerSeed(), buildLimits).all());
        }
        model.checkTrained(program, values.keySet());
        StoredInputs inputs = new StoredInputs(List.copyOf(said.keySet()), former, arguments, ModelInput.declared(said.values()),
                Shapes.ofValues(values));
        StoredForm form = StoredForm.of(program, inputs, query.output(),
                model.outputs() == null ? Set.of() : model.outputs().keySet(), buildLimits);
        if (model.isTrained()) {
            model.checkIsRead(form);
        } else {
            checkAreRead(form, query.inputs().keySet(), "inputs");
        }
        form.unread().forEach(values::remove);
        Map<String, ModelDefinition> called = new LinkedHashMap<>(base == null ? Map.of() : base.definition().models());
        model.calls().forEach((name, other) -> called.put(name, other.definition().nested()));
        called.keySet().retainAll(form.calls());
        Set<String> calls = ModelDefinition.calls(called);
        if (base != null && base.program().isOfNodes()) {
            // Nodes do not tell which models they come from.
            calls.addAll(base.definition().calls());
        }
        called.keySet().retainAll(form.source().models().keySet());
        return definition(form, said, model.words(form, values), called, calls, model.place(), buildLimits);
    }

    /** The definition of a form; {@code words} has what is kept, and what is said of the model; {@code place} is that of the program. */
    private ModelDefinition definition(StoredForm form, Map<String, ModelInput> said, ModelDefinition words,
            Map<String, ModelDefinition> called, Set<String> calls, Place place, BuildLimits buildLimits) {
        if (form.source() instanceof Source.Nodes nodes) {
            long constants = (long) (BASE64 * constantBytes(nodes));
            checkMemory(words.keptBytes() + (1 + ModelLibrary.PER_BYTE) * constants, constants);
            buildLimits.growth().accept((long) BYTES_A_NODE * nodes.names().size() + BYTES_A_BYTE * constants);
        }
        checkNested(called, place);
        words.checkKept();
        // A network takes one sample or a batch. A declared shape, if it were stored, would refuse one of the two.
        boolean isNetwork = form.source() instanceof Source.Network;
        List<ModelInput> inputs = form.inputs().stream().map(name -> said.getOrDefault(name, new ModelInput(name, null, null, null)))
                .map(input -> input.withShape(isNetwork ? null : form.declared().get(input.name()))).toList();
        ModelDefinition definition = new ModelDefinition(format.write(form.source()), inputs,
                form.output() == null ? null : form.output().axes(), words.kept(), words.outputs(), words.description(), words.licence(),
                words.tags(), called, calls);
        byte[] json = definition.json();
        checkMemory(definition.keptBytes() + json.length + ModelLibrary.memory(json), json.length);
        return definition;
    }

    private static long constantBytes(Source.Nodes program) {
        return program.nodes().stream().flatMap(node -> node.attributes().values().stream())
                .mapToLong(value -> value instanceof Tensor array ? Double.BYTES * array.shape().size() : 0).sum();
    }

    /** Refuses what could not be kept in memory: each call would read it anew, or fail. {@code definition} bytes are for the definition. */
    private void checkMemory(long bytes, long definition) {
        if (bytes > library.most()) {
            throw new ProblemException(Problem
                    .of(ProblemCode.INVALID_VALUE, "a call of this model would need more memory than models may take; its program and the "
                            + "constants in it are " + definition + " bytes of text")
                    .expected(library.mostText(), bytes + " bytes")
                    .hint("put large arrays into 'inputs': they are kept once by their content, and take less memory than constants of the "
                            + "program"));
        }
    }

    /** Definitions that contain others would otherwise double with each model that calls all before it. */
    private static void checkNested(Map<String, ModelDefinition> called, Place place) {
        long bytes = 0;
        for (Map.Entry<String, ModelDefinition> model : called.entrySet()) {
            bytes += model.getValue().json().length;
            if (bytes > ModelDefinition.MOST_NESTED_BYTES || model.getValue().depth() >= ModelDefinition.MOST_NESTED) {
                throw new ProblemException(Problem
                        .of(ProblemCode.INVALID_VALUE, "a model that is stored as it was written contains those that it calls, "
                                + "and with '" + model.getKey() + "' these are too many")
                        .at(place)
                        .expected("at most " + ModelDefinition.MOST_NESTED_BYTES + " bytes of definitions, " + ModelDefinition.MOST_NESTED
                                + " deep", "more")
                        .hint("write the program so that its nodes do not depend on the lengths of free axes, or with shapes that are fixed"));
            }
        }
    }
}

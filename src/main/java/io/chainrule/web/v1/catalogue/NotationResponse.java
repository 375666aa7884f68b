package io.chainrule.web.v1.catalogue;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.core.expression.Libraries;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.program.NotationCatalogue;
import io.swagger.v3.oas.annotations.media.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The notation that expressions may be written in. */
@Schema(name = "Notation", description = "The notation that expressions may be written in.")
record NotationResponse(
        @Schema(description = "Forms, by kind") List<Group> groups,
        @Schema(description = "Tables of other libraries' functions, to be asked for by name",
                example = "[\"numpy\", \"torch\"]") List<String> libraries) {

    private static final NotationResponse ALL = load();

    /** Forms of one kind. */
    @Schema(name = "NotationGroup", description = "Forms of one kind.")
    record Group(@Schema(description = "What they have in common") String kind, @Schema(description = "The forms") List<Form> forms) {}

    /** A form: a program, and what it means. */
    @Schema(name = "NotationForm", description = "A program, and what it means.")
    record Form(
            @Schema(description = "The program", example = "‖W @ x‖²") String written,
            @Schema(description = "Shapes of its inputs") Map<String, List<Integer>> shapes,
            @Schema(description = "The same program as this service writes it", example = "norm(W @ x)^2") String canonical,
            @Schema(description = "What to know of it") String means) {}

    /** A form as the resource has it. */
    private record WrittenForm(String written, Map<String, List<Integer>> shapes, String means) {
        Form form() {
            Map<String, Shape> known = new LinkedHashMap<>();
            shapes.forEach((name, dims) -> known.put(name, Shape.of(dims.stream().mapToInt(dim -> dim).toArray())));
            return new Form(written, shapes, NotationCatalogue.canonical(written, known), means);
        }
    }

    private record WrittenGroup(String kind, List<WrittenForm> forms) {}

    static NotationResponse all() {
        return ALL;
    }

    private static NotationResponse load() {
        try (InputStream file = NotationResponse.class.getResourceAsStream("/notation.json")) {
            List<WrittenGroup> groups = new JsonMapper().readValue(Objects.requireNonNull(file),
                    new TypeReference<List<WrittenGroup>>() {});
            return new NotationResponse(
                    groups.stream().map(group -> new Group(group.kind(), group.forms().stream().map(WrittenForm::form).toList())).toList(),
                    List.copyOf(Libraries.names()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The functions of another library. */
    @Schema(name = "NotationLibrary", description = "The functions of another library, or the methods of arrays.")
    record LibraryResponse(
            @Schema(description = "The table's name", example = "numpy") String name,
            @Schema(description = "How calls begin; empty for methods and names without a prefix",
                    example = "[\"np\", \"numpy\"]") List<String> prefixes,
            @Schema(description = "Forms of calls, of which the first that fits is meant") List<Call> calls,
            @Schema(description = """
                    Functions that have no meaning here, or only in the forms above, and what to write instead""") List<Refusal> refused) {

        static LibraryResponse of(Libraries.Table table) {
            return new LibraryResponse(table.name(), table.prefixes(),
                    table.calls().stream().map(call -> new Call(call.written(), call.means(), call.condition())).toList(),
                    table.refusals().stream().map(refusal -> new Refusal(refusal.name(), refusal.hint())).toList());
        }
    }

    /** A form of a call. */
    @Schema(name = "NotationCall", description = "A form of a call, and the expression that it means.")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Call(
            @Schema(description = "The call with its parameters", example = "np.var(a, axis=None, ddof=0, keepdims=False)") String written,
            @Schema(description = "The expression that it means",
                    example = "var(a, axis=axis, correction=ddof, keepdims=keepdims)") String means,
            @Schema(description = "What must hold of the arguments; absent if nothing must",
                    example = "a.ndim == 2") @Nullable String condition) {}

    /** A function that is refused. */
    @Schema(name = "NotationRefusal", description = "A function that is refused, and what to write instead.")
    record Refusal(
            @Schema(description = "Its name", example = "unique") String name,
            @Schema(description = "What to write instead") String hint) {}
}

package io.chainrule.web.v1.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.core.tensor.Shape;
import io.chainrule.web.v1.GraphProgram;
import io.chainrule.web.v1.NetworkProgram;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code model.json} in the file of a model: what a request that stores it would have, with digests and shapes in place of kept values.
 *
 * @param format the version of this form
 * @param name what the model was called by, for readers; it is stored under the name in the address
 * @param version alike
 * @param declares all inputs that each call gives, in the order of arguments
 * @param kept the inputs whose values are kept
 * @param models those that a text calls, by name
 * @param calls the names of all models that went into it
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record ModelFile(int format, @Nullable String name, @Nullable Integer version, @Nullable String description, @Nullable String licence,
        @Nullable List<String> tags, @Nullable Map<String, ModelInputSpec> declares, @Nullable Map<String, String> outputs,
        @Nullable Map<String, Kept> kept, @Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network,
        @Nullable Map<String, ModelFile> models, @Nullable List<String> calls) {
    /** The version that is written, and the newest that is read. */
    static final int FORMAT = 1;

    /** A value, whose elements stand in {@code values/<sha256>.npy}. */
    record Kept(@Nullable String sha256, @Nullable Shape shape) {}
}

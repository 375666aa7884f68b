package io.chainrule.service.models;

import io.chainrule.core.Source;
import io.chainrule.core.StoredProgram;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** How programs are written in the store and in files: as requests have them. */
public interface ProgramFormat {
    JsonNode write(Source source);

    /** Reads what {@link #write} has written; {@code models} are those that a text calls. */
    Source read(JsonNode program, Map<String, StoredProgram> models);
}

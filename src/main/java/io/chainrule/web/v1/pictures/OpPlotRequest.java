package io.chainrule.web.v1.pictures;

import io.chainrule.core.language.Language;
import io.chainrule.core.picture.Theme;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Asks how the plot of an op is drawn. */
record OpPlotRequest(
        @Schema(implementation = String.class, allowableValues = {"light", "dark", "auto"}, description = """
                The ground that the picture is for: "light", "dark", or "auto" (default), which follows the reader's \
                preference.""") @Nullable Theme theme,
        @Schema(implementation = String.class, allowableValues = {"en", "ko"}, description = """
                The language of the words in the picture and of its description; default: what `Accept-Language` prefers, \
                else "en".""") @Nullable Language lang){}

package io.chainrule.service.models;

import java.util.Map;

/** The models that one owner may call. */
public record Models(ModelLibrary library, String owner) {
    /** The model that a reference means. Throws {@link UnknownModelException} if there is none. */
    public Model find(String reference) {
        return library.find(owner, reference);
    }

    /** The models that a text calls, by name. A name that is no model is not there; it may be a mistake. */
    public Map<String, Model> called(String text, int nesting) {
        return library.called(owner, text, nesting);
    }
}

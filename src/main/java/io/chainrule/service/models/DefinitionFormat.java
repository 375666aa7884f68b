package io.chainrule.service.models;

/** How definitions of models are written in files that people read. */
public interface DefinitionFormat {
    byte[] write(ModelVersion version, ModelDefinition definition);

    /** Reads what {@link #write} has written, or somebody else. Throws what the client is told if it is not well-formed. */
    ModelDefinition read(byte[] file);
}

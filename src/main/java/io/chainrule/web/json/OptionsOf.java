package io.chainrule.web.json;

import io.chainrule.service.program.TypeCatalogue;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a map component of a record. Fields that the record does not declare are options of a type of this catalogue, and are collected in
 * the map.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.FIELD})
public @interface OptionsOf {
    TypeCatalogue value();

    /** The name of the field that chooses the type. */
    String chosenBy() default "type";
}

package io.chainrule.web.json;

/** How an answer writes arrays: as nested JSON arrays, or as array objects with a base64 buffer. */
public enum ArrayForm {
    NESTED,
    BASE64
}

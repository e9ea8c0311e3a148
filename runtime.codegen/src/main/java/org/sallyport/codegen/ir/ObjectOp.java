package org.sallyport.codegen.ir;

/**
 * What {@link Op#OBJECT} does with structures and arrays, of the type that {@link Graph#objectType} says. Where nothing else is
 * said, references are not null and indices inside.
 */
public enum ObjectOp {
    /** (values of the fields) */
    STRUCT_NEW,
    STRUCT_NEW_DEFAULT,
    /** (structure), the field is {@link Graph#objectIndex} as in the next ones. */
    STRUCT_GET,
    STRUCT_GET_S,
    /** (structure, value) */
    STRUCT_SET,
    /** (value, length) */
    ARRAY_NEW,
    /** (length) */
    ARRAY_NEW_DEFAULT,
    /** (values) */
    ARRAY_NEW_FIXED,
    /** (start, length) of segment {@link Graph#objectIndex}; traps. */
    ARRAY_NEW_DATA,
    ARRAY_NEW_ELEM,
    /** (array) */
    ARRAY_LEN,
    /** (array, index) */
    ARRAY_GET,
    ARRAY_GET_S,
    /** (array, index, value) */
    ARRAY_SET,
    /** (array, start, value, length); traps. */
    ARRAY_FILL,
    /** (destination, at, source, from, length); traps. */
    ARRAY_COPY,
    /** (array, at, from, length) of segment {@link Graph#objectIndex}; traps. */
    ARRAY_INIT_DATA,
    ARRAY_INIT_ELEM;

    private static final ObjectOp[] VALUES = values();

    static ObjectOp of(int ordinal) {
        return VALUES[ordinal];
    }
}

package org.sallyport.codegen.regalloc;

/** What kind of register a virtual register needs and how large its spill slot is. */
public enum RegisterClass {
    /** General register, 8-byte slot. */
    INT,
    /** Vector register that holds a scalar float, 8-byte slot. */
    FLOAT,
    /** Vector register, 16-byte slot; shares the registers of {@link #FLOAT}. */
    VECTOR
}

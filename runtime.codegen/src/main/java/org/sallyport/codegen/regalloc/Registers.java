package org.sallyport.codegen.regalloc;

/**
 * The registers of a machine as {@link AllocatableCode} numbers them.
 *
 * @param allocatable those that may be allocated, a mask
 * @param scratchInt general register for moves, never allocated
 * @param scratchVector vector register for moves, never allocated
 */
public record Registers(int allocatable, int scratchInt, int scratchVector) {}

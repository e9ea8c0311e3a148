package org.sallyport.codegen.pipeline;

/**
 * Where guest functions take arguments and leave results (docs/abi.md). Nobody changes the arrays.
 *
 * @param intArgs registers of integer arguments, in order
 * @param intResults registers of integer results, in order
 * @param vectorArgs so many arguments, and as many results, that are no integers are in the first vector registers
 */
public record CallConvention(int[] intArgs, int[] intResults, int vectorArgs) {}

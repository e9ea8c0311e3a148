package org.sallyport.codegen.bytecode;

/**
 * The variables of a method that do not depend on the values of its graph.
 *
 * @param parameters of the graph's arguments
 * @param context of the {@link Context}
 * @param stop of the store's stop sign
 * @param memory of the first memory's array
 * @param free the first one behind them
 */
record Variables(int[] parameters, int context, int stop, int memory, int free) {
    /** Of a part of a function that was cut: the number of the block to begin at. */
    static final int BLOCK = 0;
    /** Of such a part: the values that live from one part to another. */
    static final int FRAME = 1;
    /** Of a wide function: arguments and results. */
    static final int SLOTS = 0;

    /** Of a method that is a function. */
    static Variables ofWhole(Shape shape) {
        int[] parameters = new int[shape.params.length];
        int first = shape.isWide ? SLOTS + 2 : 0;
        int behind = number(shape, parameters, first);
        int context = shape.isWide ? SLOTS + 1 : behind;
        return of(parameters, context, shape.isWide ? behind : behind + 1);
    }

    /** Of a method that is a part of a function. */
    static Variables ofPart(Shape shape) {
        int[] parameters = new int[shape.params.length];
        int context = FRAME + 1;
        return of(parameters, context, number(shape, parameters, context + 1));
    }

    private static Variables of(int[] parameters, int context, int behind) {
        return new Variables(parameters, context, behind, behind + 1, behind + 2);
    }

    private static int number(Shape shape, int[] parameters, int first) {
        int at = first;
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = at;
            at += Slots.words(shape.params[i]);
        }
        return at;
    }
}

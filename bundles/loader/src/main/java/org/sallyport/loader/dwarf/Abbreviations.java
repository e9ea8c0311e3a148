package org.sallyport.loader.dwarf;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A table of abbreviations (7.5.3): by code the shape of an entry. */
final class Abbreviations {
    private static final int IMPLICIT_CONST = 0x21;

    /**
     * @param specs pairs of attribute and form
     * @param constants values of attributes whose form is {@code DW_FORM_implicit_const}, by the number of the pair
     */
    record Shape(int tag, boolean hasChildren, int[] specs, long[] constants) {}

    private final Map<Long, Shape> shapes = new HashMap<>();

    Abbreviations(DwarfReader in) {
        for (long code = in.uleb(); code != 0; code = in.uleb()) {
            shapes.put(code, shape(in));
            if (!in.hasMore()) {
                break;
            }
        }
    }

    private static Shape shape(DwarfReader in) {
        int tag = (int) in.uleb();
        boolean hasChildren = in.u8() != 0;
        int[] specs = new int[16];
        long[] constants = new long[8];
        int count = 0;
        while (true) {
            int attribute = (int) in.uleb();
            int form = (int) in.uleb();
            long constant = form == IMPLICIT_CONST ? in.sleb() : 0;
            if (attribute == 0 && form == 0) {
                return new Shape(tag, hasChildren, Arrays.copyOf(specs, 2 * count), Arrays.copyOf(constants, count));
            }
            if (2 * count == specs.length) {
                specs = Arrays.copyOf(specs, 4 * count);
                constants = Arrays.copyOf(constants, 2 * count);
            }
            specs[2 * count] = attribute;
            specs[2 * count + 1] = form;
            constants[count++] = constant;
        }
    }

    Shape get(long code) {
        Shape shape = shapes.get(code);
        if (shape == null) {
            throw new DwarfException("there is no abbreviation " + code);
        }
        return shape;
    }
}

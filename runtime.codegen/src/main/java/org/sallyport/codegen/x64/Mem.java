package org.sallyport.codegen.x64;

/**
 * A memory operand: {@code [base + index << scale + disp]} or a place in the code, addressed relative to RIP.
 * Mutable, so that an emitter needs only one.
 */
final class Mem {
    int base = Reg.NONE;
    int index = Reg.NONE;
    /** Logarithm of the index factor, 0–3. */
    int scale;
    int disp;
    /** Label in the code for RIP-relative operands, or -1. */
    int label = -1;

    static Mem at(int base, int disp) {
        return new Mem().set(base, disp);
    }

    static Mem at(int base, int index, int scale, int disp) {
        return new Mem().set(base, index, scale, disp);
    }

    static Mem rip(int label) {
        return new Mem().setRip(label);
    }

    Mem set(int newBase, int newDisp) {
        return set(newBase, Reg.NONE, 0, newDisp);
    }

    Mem set(int newBase, int newIndex, int newScale, int newDisp) {
        base = newBase;
        index = newIndex;
        scale = newScale;
        disp = newDisp;
        label = -1;
        return this;
    }

    Mem setRip(int newLabel) {
        set(Reg.NONE, 0);
        label = newLabel;
        return this;
    }

    @Override
    public String toString() {
        if (label >= 0) {
            return "[rip + L" + label + "]";
        }
        var text = new StringBuilder("[");
        if (base >= 0) {
            text.append(Reg.name(base));
        }
        if (index >= 0) {
            text.append(base >= 0 ? "+" : "").append(Reg.name(index)).append('*').append(1 << scale);
        }
        return text.append(disp < 0 ? "-0x" : "+0x")
                .append(Integer.toHexString(Math.abs(disp)))
                .append(']')
                .toString();
    }
}

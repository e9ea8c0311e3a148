package org.sallyport.itests.real.teavm;

/** Runs all three. What TeaVM compiles begins here. */
public final class Programs {
    private Programs() {}

    public static void main(String[] args) {
        System.out.print(output());
    }

    /** What {@link #main} prints. */
    public static String output() {
        StringBuilder out = new StringBuilder();
        Words.run(out);
        Formulas.run(out);
        Tasks.run(out);
        return out.toString();
    }
}

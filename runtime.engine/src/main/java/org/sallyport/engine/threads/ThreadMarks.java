package org.sallyport.engine.threads;

/**
 * Which threads can be asked whether they are interrupted without running foreign code: {@link Thread#isInterrupted} may be
 * overridden by whoever makes a thread, and those that keep deadlines must run nothing of his.
 */
public final class ThreadMarks {
    /** Of classes that are not Java's own. */
    private static final ClassValue<Boolean> PLAIN = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            for (Class<?> c = type; c.getClassLoader() != null; c = c.getSuperclass()) {
                try {
                    c.getDeclaredMethod("isInterrupted");
                    return false;
                } catch (NoSuchMethodException e) {
                    continue; // as it is above
                } catch (RuntimeException | LinkageError e) {
                    return false; // a class that cannot be looked into, or a class loader with a mind of its own
                }
            }
            return true;
        }
    };

    private ThreadMarks() {}

    /** Whether Java's own method tells it. By the thread itself: this may ask its class's loader. */
    public static boolean areJavasOwn(Thread thread) {
        Class<?> type = thread.getClass();
        return type.getClassLoader() == null || PLAIN.get(type);
    }
}

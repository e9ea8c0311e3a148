package org.sallyport.spi;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.sallyport.TrapCode;

/**
 * What machine code and the runtime core must agree on, as a number: code that was compiled under another one must not
 * run. It is computed from the definitions themselves ({@link VmLayout}, {@link StoreContext}, {@link CallBlock}, {@link
 * ObjectLayout}, {@link SentryBlock}, {@link Builtin}, {@link TrapCode}), so that nobody has to think of counting.
 */
public final class MachineContract {
    private MachineContract() {}

    /** 8 hexadecimal digits. */
    public static String version() {
        CRC32 sum = new CRC32();
        addConstants(sum, VmLayout.class);
        addConstants(sum, StoreContext.class);
        addConstants(sum, CallBlock.class);
        addConstants(sum, ObjectLayout.class);
        addConstants(sum, SentryBlock.class);
        for (Builtin builtin : Builtin.values()) {
            add(sum, builtin + " " + builtin.type());
        }
        for (TrapCode code : TrapCode.values()) {
            add(sum, code.name());
        }
        return HexFormat.of().toHexDigits((int) sum.getValue());
    }

    private static void addConstants(CRC32 sum, Class<?> definitions) {
        Field[] fields = definitions.getFields();
        Arrays.sort(fields, (a, b) -> a.getName().compareTo(b.getName()));
        for (Field field : fields) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
                try {
                    add(sum, field.getName() + " " + field.getInt(null));
                } catch (IllegalAccessException e) {
                    throw new AssertionError("BUG: " + field, e);
                }
            }
        }
    }

    private static void add(CRC32 sum, String text) {
        sum.update(text.getBytes(StandardCharsets.UTF_8));
        sum.update('\n');
    }
}

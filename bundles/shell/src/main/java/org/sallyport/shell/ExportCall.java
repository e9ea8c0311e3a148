package org.sallyport.shell;

import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import org.sallyport.Func;
import org.sallyport.Instance;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.ValType;

/** A call of an export with numbers, as an operator types them. */
final class ExportCall {
    private ExportCall() {}

    /** @throws IllegalArgumentException if there is no such function, or the arguments are not its; says what there is */
    static String call(Instance instance, String export, List<String> texts) throws Throwable {
        if (!(instance.export(export).orElse(null) instanceof Func func)) {
            List<String> functions = instance.exportNames().stream()
                    .filter(name -> instance.export(name).orElse(null) instanceof Func)
                    .toList();
            throw new IllegalArgumentException("it exports no function " + export + "; there are " + functions);
        }
        FuncType type = func.type();
        if (type.params().size() != texts.size()) {
            throw new IllegalArgumentException(
                    export + " has the type " + type + ", found " + texts.size() + " arguments: " + texts);
        }
        List<Object> arguments = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            arguments.add(number(type.params().get(i), texts.get(i), export));
        }
        MethodHandle handle = func.handle();
        Object result = handle.invokeWithArguments(arguments);
        return result instanceof Object[] several ? List.of(several).toString() : String.valueOf(result == null ? "" : result);
    }

    private static Object number(ValType type, String text, String export) {
        try {
            return switch (type) {
                case NumType.I32 -> Integer.decode(text);
                case NumType.I64 -> Long.decode(text);
                case NumType.F32 -> Float.valueOf(text);
                case NumType.F64 -> Double.valueOf(text);
                default -> throw new IllegalArgumentException(
                        export + " takes a " + type + ", which cannot be typed; only functions over numbers can be called");
            };
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(export + " takes a number of type " + type + ", found \"" + text + "\"", e);
        }
    }
}

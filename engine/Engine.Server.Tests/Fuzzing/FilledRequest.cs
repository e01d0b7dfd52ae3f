using System.Collections;
using System.Reflection;
using Engine.Wire;

namespace Engine.Server.Tests.Fuzzing;

/// <summary>A frame of any API whose request describes itself, with something in every field: valid, though it need not mean anything.</summary>
internal static class FilledRequest
{
    private const string Text = "fuzz";
    private const int Number = 10_000;

    public static byte[] Frame(ApiKey key, short version)
    {
        Type type = typeof(Apis).Assembly.GetType($"Engine.Wire.{key}Request") ?? throw new InvalidOperationException($"{key} has no request");
        MethodInfo write = typeof(FilledRequest).GetMethod(nameof(Write), BindingFlags.NonPublic | BindingFlags.Static)!;
        return (byte[])write.MakeGenericMethod(type).Invoke(null, [key, version])!;
    }

    private static byte[] Write<T>(ApiKey key, short version)
        where T : class, IWireMessage<T>, new()
    {
        WireBuffer buffer = new();
        int start = Frames.BeginRequest(buffer, key, version, 1, "fuzz");
        T.Describe(ref buffer, (T)Fill(new T()), version);
        Frames.End(buffer, start);
        return buffer.Written.ToArray();
    }

    private static object Fill(object message)
    {
        foreach (FieldInfo field in message.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            field.SetValue(message, Value(field.FieldType) ?? field.GetValue(message));
        }

        return message;
    }

    private static object? Value(Type type)
    {
        if (type == typeof(string))
        {
            return Text;
        }

        if (type == typeof(int))
        {
            return Number;
        }

        if (type == typeof(byte[]))
        {
            return new byte[10];
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
        {
            Type item = type.GetGenericArguments()[0];
            IList list = (IList)Activator.CreateInstance(type)!;
            list.Add(Value(item) ?? Fill(Activator.CreateInstance(item)!));
            return list;
        }

        return null;
    }
}

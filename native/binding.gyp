{
  "target_defaults": {
    "cflags_cc": ["-std=c++20", "-O2", "-g", "-Wall", "-Wextra", "-Wno-missing-field-initializers", "-fexceptions", "-frtti"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17"],
    "cflags": ["-fPIC"],
    "include_dirs": ["."]
  },
  "targets": [
    {
      "target_name": "fred_engine",
      "type": "static_library",
      "sources": ["<!@(find engine -name '*.cc' | sort)"]
    },
    {
      "target_name": "fred_addon",
      "sources": ["<!@(find binding -name '*.cc' | sort)"],
      "dependencies": ["fred_engine"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_CPP_EXCEPTIONS"]
    }
  ],
  "conditions": [
    # The npm package has no tests: a program without a main would not link.
    ["'<!(find ../test/native -name '*.cc' 2>/dev/null | head -c 1)'!=''", {
      "targets": [
        {
          "target_name": "engine_tests",
          "type": "executable",
          "sources": ["<!@(find ../test/native -name '*.cc' | sort)"],
          "dependencies": ["fred_engine"],
          "ldflags": ["-pthread"]
        }
      ]
    }]
  ]
}

"""A Helm chart as the specification describes srs-server: one server that its environment configures."""

from pathlib import Path

CHART = """\
apiVersion: v2
name: srs-server
version: 1.0.5
appVersion: 5.0.166
"""
VALUES = """\
replicaCount: 1
image:
  repository: ossrs/srs
service:
  type: LoadBalancer
conf:
  SRS_LOG_TANK: console
  SRS_HTTP_SERVER_ENABLED: "on"
  SRS_HTTP_API_ENABLED: "on"
  SRS_VHOST_HTTP_REMUX_ENABLED: "on"
  SRS_VHOST_HLS_ENABLED: "on"
  SRS_SRT_SERVER_ENABLED: "on"
  SRS_VHOST_SRT_ENABLED: "on"
  SRS_RTC_SERVER_ENABLED: "on"
  SRS_VHOST_RTC_ENABLED: "on"
  SRS_RTC_SERVER_CANDIDATE: "*"
autoscaling:
  enabled: false
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-srs-server
spec:
  replicas: {{ .Values.replicaCount }}
  selector:
    matchLabels: {app.kubernetes.io/name: srs-server}
  template:
    metadata:
      labels: {app.kubernetes.io/name: srs-server}
    spec:
      containers:
      - name: srs-server
        image: "{{ .Values.image.repository }}:{{ .Chart.AppVersion }}"
        command: ["./objs/srs", "-e"]
        env:
        {{- range $name, $value := .Values.conf }}
        - {name: {{ $name }}, value: {{ $value | quote }}}
        {{- end }}
        - {name: SRS_LISTEN, value: "1935"}
        - {name: SRS_HTTP_SERVER_LISTEN, value: "8080"}
        - {name: SRS_HTTP_API_LISTEN, value: "1985"}
        - {name: SRS_SRT_SERVER_LISTEN, value: "10080"}
        - {name: SRS_RTC_SERVER_LISTEN, value: "8000"}
        - {name: SRS_RTC_SERVER_USE_AUTO_DETECT_NETWORK_IP, value: "off"}
        - {name: SRS_PLATFORM, value: helm}
        - {name: SRS_DAEMON, value: "off"}
        ports:
        - {name: rtmp, containerPort: 1935, protocol: TCP}
        - {name: http, containerPort: 8080, protocol: TCP}
        - {name: api, containerPort: 1985, protocol: TCP}
        - {name: srt, containerPort: 10080, protocol: UDP}
        - {name: rtc, containerPort: 8000, protocol: UDP}
        livenessProbe:
          httpGet: {path: /, port: http}
        readinessProbe:
          httpGet: {path: /, port: http}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-srs-server
spec:
  type: {{ .Values.service.type }}
  selector: {app.kubernetes.io/name: srs-server}
  ports:
  - {name: rtmp, port: 1935, targetPort: rtmp, protocol: TCP}
  - {name: http, port: 8080, targetPort: http, protocol: TCP}
  - {name: api, port: 1985, targetPort: api, protocol: TCP}
  - {name: srt, port: 10080, targetPort: srt, protocol: UDP}
  - {name: rtc, port: 8000, targetPort: rtc, protocol: UDP}
"""
AUTOSCALING = """\
{{- if .Values.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ .Release.Name }}-srs-server
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ .Release.Name }}-srs-server}
  minReplicas: 1
  maxReplicas: 100
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}
{{- end }}
"""
HOOK = """\
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations: {helm.sh/hook: test}
spec:
  containers: [{name: wget, image: busybox}]
"""


def write_chart(folder: Path, **changed: tuple[str, str]) -> Path:
    """Write the chart; `changed` replaces words: file name without its ending -> (old, new)."""
    files = {
        "Chart.yaml": CHART,
        "values.yaml": VALUES,
        "templates/deployment.yaml": DEPLOYMENT,
        "templates/service.yaml": SERVICE,
        "templates/hpa.yaml": AUTOSCALING,
        "templates/test.yaml": HOOK,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        old, new = changed.get(path.stem, ("", ""))
        assert old in text
        path.write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return folder

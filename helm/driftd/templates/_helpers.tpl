{{- define "driftd.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 42 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 42 characters: a pod's name and the hash of a job are added to it. */}}
{{- define "driftd.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains (include "driftd.name" .) .Release.Name -}}
{{- .Release.Name | trunc 42 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "driftd.name" .) | trunc 42 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "driftd.selector" -}}
app.kubernetes.io/name: {{ include "driftd.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "driftd.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "driftd.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "driftd.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "driftd.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "driftd.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* driftd.yaml: what the chart sets, over the keys that the user gives. */}}
{{- define "driftd.config" -}}
{{- $client := dict "security.protocol" .Values.kafka.securityProtocol -}}
{{- if hasPrefix "sasl" .Values.kafka.securityProtocol -}}
{{- $client = set $client "sasl.mechanism" .Values.kafka.sasl.mechanism -}}
{{- end -}}
{{- if .Values.kafka.tls.existingSecret -}}
{{- $client = set $client "ssl.ca.location" (printf "/etc/driftd/kafka-tls/%s" .Values.kafka.tls.caKey) -}}
{{- if .Values.kafka.tls.certificateKey -}}
{{- $client = set $client "ssl.certificate.location" (printf "/etc/driftd/kafka-tls/%s" .Values.kafka.tls.certificateKey) -}}
{{- $client = set $client "ssl.key.location" (printf "/etc/driftd/kafka-tls/%s" .Values.kafka.tls.privateKeyKey) -}}
{{- end -}}
{{- end -}}
{{- $set := dict
  "bootstrapServers" .Values.kafka.bootstrapServers
  "topics" .Values.kafka.topics
  "listen" (printf "0.0.0.0:%d" (int .Values.port))
  "http" (dict "allowPlain" .Values.http.allowPlain)
  "kafka" $client -}}
{{- if .Values.http.tls.existingSecret -}}
{{- $_ := set $set.http "certificate" (printf "/etc/driftd/http-tls/%s" .Values.http.tls.certificateKey) -}}
{{- $_ := set $set.http "key" (printf "/etc/driftd/http-tls/%s" .Values.http.tls.privateKeyKey) -}}
{{- end -}}
{{- with .Values.http.readTokens -}}
{{- $_ := set $set.http "readTokens" . -}}
{{- end -}}
{{- if .Values.reference.existingConfigMap -}}
{{- $set = set $set "reference" (printf "/etc/driftd/reference/%s" .Values.reference.key) -}}
{{- end -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.config) $set) -}}
{{- end -}}

{{/*
MiB of memory, as driftd states its bound: 447 and 64 for each broker; for each model version 24 KiB a numeric stream and partition and 40 KiB in all,
160 KiB and 1 MiB where it is text. Prediction, error, missing, latency and failure are five streams more.
*/}}
{{- define "driftd.memoryMiB" -}}
{{- $size := .Values.sizing -}}
{{- $numeric := mul (add $size.numericFeatures 5) (add (mul $size.partitionsPerReplica 24) 40) -}}
{{- $text := mul $size.textFeatures (add (mul $size.partitionsPerReplica 160) 1024) -}}
{{- add 447 (mul 64 $size.brokers) (div (add (mul $size.modelVersions (add $numeric $text)) 1023) 1024) -}}
{{- end -}}

{{- define "driftd.resources" -}}
{{- if .Values.resources -}}
{{- toYaml .Values.resources -}}
{{- else -}}
requests:
  cpu: {{ .Values.sizing.cpuRequest }}
  memory: {{ include "driftd.memoryMiB" . }}Mi
limits:
  cpu: {{ .Values.sizing.cpuLimit | quote }}
  memory: {{ include "driftd.memoryMiB" . }}Mi
{{- end -}}
{{- end -}}

{{- define "driftd.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1654
runAsGroup: 1654
fsGroup: 1654
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "driftd.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Secrets of the client, by reference. */}}
{{- define "driftd.env" -}}
{{- if hasPrefix "sasl" .Values.kafka.securityProtocol }}
- name: DRIFTD__KAFKA__SASL_USERNAME
  valueFrom:
    secretKeyRef:
      name: {{ .Values.kafka.sasl.existingSecret }}
      key: {{ .Values.kafka.sasl.usernameKey }}
- name: DRIFTD__KAFKA__SASL_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .Values.kafka.sasl.existingSecret }}
      key: {{ .Values.kafka.sasl.passwordKey }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "driftd.mounts" -}}
- name: config
  mountPath: /etc/driftd/driftd.yaml
  subPath: driftd.yaml
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- if .Values.kafka.tls.existingSecret }}
- name: kafka-tls
  mountPath: /etc/driftd/kafka-tls
  readOnly: true
{{- end }}
{{- if .Values.http.tls.existingSecret }}
- name: http-tls
  mountPath: /etc/driftd/http-tls
  readOnly: true
{{- end }}
{{- if .Values.reference.existingConfigMap }}
- name: reference
  mountPath: /etc/driftd/reference
  readOnly: true
{{- end }}
{{- end -}}

{{- define "driftd.volumes" -}}
- name: config
  configMap:
    name: {{ include "driftd.fullname" . }}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- if .Values.kafka.tls.existingSecret }}
- name: kafka-tls
  secret:
    secretName: {{ .Values.kafka.tls.existingSecret }}
    defaultMode: 0440
{{- end }}
{{- if .Values.http.tls.existingSecret }}
- name: http-tls
  secret:
    secretName: {{ .Values.http.tls.existingSecret }}
    defaultMode: 0440
{{- end }}
{{- if .Values.reference.existingConfigMap }}
- name: reference
  configMap:
    name: {{ .Values.reference.existingConfigMap }}
{{- end }}
{{- end -}}
